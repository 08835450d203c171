import asyncio
import json
import signal
import sys
from pathlib import Path

from aiohttp import ClientSession
from click.testing import CliRunner

from app.cli.sandbox import sandbox

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


def test_an_unknown_kind_of_org_is_misuse() -> None:
    result = CliRunner().invoke(sandbox, ["run", "--org", "moon"])

    assert (result.exit_code, "moon" in result.output) == (2, True)


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
