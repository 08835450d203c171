import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession
from click.testing import CliRunner

from app.cli.sandbox import sandbox
from app.sandbox.control import ControlRefused, FreshBooksControl
from app.sandbox.server import running_freshbooks

ROOT = Path(__file__).parents[3]


def test_the_scenarios_are_listed_with_what_they_tell() -> None:
    result = CliRunner().invoke(sandbox, ["scenarios", "--json"])

    stories = json.loads(result.stdout)
    assert "webhooks-were-lost" in {story["name"] for story in stories}
    assert all(story["tells"] for story in stories)


def test_playing_where_nothing_listens_says_how_to_start_it() -> None:
    result = CliRunner().invoke(sandbox, ["play", "a-busy-morning", "--url", "http://127.0.0.1:1"])

    assert result.exit_code == 2
    assert "freshforce sandbox run" in result.output


def test_the_kinds_of_org_are_listed_with_what_they_tell() -> None:
    result = CliRunner().invoke(sandbox, ["orgs", "--json"])

    kinds = {kind["name"]: kind["tells"] for kind in json.loads(result.stdout)}
    assert {"duplicate-rules", "required-field", "validation-rule"} < set(kinds)
    assert all(kinds.values())


def test_an_unknown_kind_of_org_is_misuse() -> None:
    result = CliRunner().invoke(sandbox, ["run", "--org", "moon"])

    assert result.exit_code == 2
    assert "moon; there are plain, bare, prepared, " in " ".join(result.output.split())


async def test_an_unknown_scenario_is_misuse_and_the_known_ones_are_named() -> None:
    async with running_freshbooks() as running, ClientSession() as session:
        with pytest.raises(ControlRefused, match=r"404: no scenario 'moon'; there are a-busy-morning, "):
            async for _ in FreshBooksControl(session, running.url).play("moon"):
                pass


async def test_credentials_and_the_commands_that_connect_it_are_printed_whole_on_a_narrow_screen() -> None:
    options = ("sandbox", "run", "--freshbooks-port", "0", "--salesforce-port", "0")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *options),
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "40", "FRESHFORCE_LISTEN": "0.0.0.0:18080"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(20):
            lines = [line.decode() async for line in _until(process.stdout, b"stop with")]
    finally:
        process.terminate()
        await process.wait()

    secrets = [line.split()[-1] for line in lines if line.strip().startswith("client secret")]
    assert [len(secret) for secret in secrets] == [64, 64]
    url, org = (line.split()[-1] for line in lines if line.startswith("  url"))
    commands = [line for line in lines if line.startswith("  freshforce connect ")]
    assert f" freshbooks acme --api-url {url} --auth-url {url} --client-id " in commands[0]
    assert f" salesforce acme --domain {org} --client-id " in commands[1]
    assert "  FRESHFORCE_PUBLIC_URL=http://127.0.0.1:18080\n" in lines, "where FRESHFORCE_LISTEN says"


async def _until(lines: asyncio.StreamReader, last: bytes) -> AsyncIterator[bytes]:
    async for line in lines:
        yield line
        if line.startswith(last):
            return


async def test_it_runs_prints_where_it_listens_and_ends_when_told_to() -> None:
    options = [
        "sandbox",
        "run",
        "--freshbooks-port",
        "0",
        "--salesforce-port",
        "0",
        "--invoices",
        "20",
        "--json",
    ]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", *options, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        where = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
        async with ClientSession() as session:
            async with session.get(where["freshbooks"]["url"] + "/_sandbox/counters") as answer:
                assert (await answer.json())["objects"]["invoice"] == 20
            async with session.get(where["salesforce"]["url"] + "/services/data/") as answer:
                assert answer.status == 200
    finally:
        process.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(process.wait(), 10) == 0
