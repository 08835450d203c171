"""An operator connects FreshBooks and registers webhooks, at a real terminal on real Kafka."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from pydantic import SecretStr

from app.connect.consent import ask_consent
from app.freshbooks.door import open_session
from app.freshbooks.form import parse
from app.freshbooks.issuer import HttpIssuer
from app.freshbooks.oauth import OAuthApp
from app.registry import Registry, open_registry
from app.sandbox.server import RunningFreshBooks, running_freshbooks
from app.sandbox.serving import listening
from app.settings import load
from streams.domain.connection import Connection
from streams.domain.identity import AccountId, ConnectionName
from streams.steps.keep_grants import KeepGrants
from tests.builders.installation import REDIRECT, clock
from tests.builders.terminal import Terminal

WHOLE = ConnectionName("fb-whole")
"""The tests of a session share one Kafka, and each has its own keys: so each has its own connection."""


async def consented(sandbox: RunningFreshBooks) -> str:
    """The address on which the browser ends, for a consent that another run of the command began."""
    app = OAuthApp(sandbox.client_id, SecretStr(sandbox.client_secret), REDIRECT)
    async with (
        open_session() as session,
        session.get(ask_consent(app, sandbox.url, b"n" * 16).url, allow_redirects=False) as answer,
    ):
        return answer.headers["Location"]


async def connect(
    shell: Terminal, sandbox: RunningFreshBooks, home: Path, name: str, *more: str, typed: str = ""
) -> tuple[int, str, str]:
    secret = home / "secret.txt"
    secret.write_text(sandbox.client_secret)
    return await shell.run(
        *("connect", "freshbooks", name, "--client-id", sandbox.client_id, "--redirect-uri", REDIRECT),
        *("--client-secret-file", str(secret), "--api-url", sandbox.url, "--auth-url", sandbox.url),
        *more,
        typed=typed,
    )


@asynccontextmanager
async def keeper(home: Path, kafka: str) -> AsyncIterator[str]:
    """A door for handshakes with a keeper behind it, on the same Kafka; gives the door's URL."""
    settings = load(home=home, kafka=kafka, replication=1, min_insync=1)
    async with open_registry(settings, clock, os.urandom) as registry, open_session() as session:
        issuer = HttpIssuer(session, registry.connections, registry.grants, clock, allow_http=True)
        step = KeepGrants(grants=registry.grants, issuer=issuer, owner="keeper")
        door = web.Application()
        door.router.add_post("/webhooks/freshbooks/{path}", _handshake(registry, step))
        async with listening(door) as url:
            yield url


def _handshake(registry: Registry, step: KeepGrants) -> Any:
    async def take(request: web.Request) -> web.Response:
        form = parse(await request.read())
        path, number = request.match_info["path"], int(form["object_id"])
        offer = registry.grants.sealer.offer(WHOLE, path, number, form["verifier"])
        await registry.write(*step(offer, await step.ask(offer)))
        return web.Response()

    return take


@pytest.fixture
async def shell(kafka: str, tmp_path: Path) -> Terminal:
    return await Terminal.opened(tmp_path, kafka)


@pytest.mark.usefixtures("shell")
async def test_what_another_process_wrote_is_seen_by_who_reads_on_first(kafka: str, tmp_path: Path) -> None:
    settings = load(home=tmp_path, kafka=kafka, replication=1, min_insync=1)
    name = ConnectionName("written-elsewhere")
    async with (
        open_registry(settings, clock, os.urandom) as here,
        open_registry(settings, clock, os.urandom) as there,
    ):
        for account in range(20):
            await there.write(Connection(name=name, freshbooks_account_id=AccountId(f"A{account}")))
            await here.read_on()

            assert here[name].freshbooks_account_id == f"A{account}"


async def test_from_consent_to_verified_webhooks(shell: Terminal, kafka: str, tmp_path: Path) -> None:
    async with running_freshbooks() as sandbox:
        code, out, err = await connect(
            shell, sandbox, tmp_path, WHOLE, "--json", "--code", "-", typed=await consented(sandbox)
        )
        assert (code, err) == (0, "")
        assert orjson.loads(out) == {"connection": WHOLE, "account": sandbox.account_id, "warnings": []}

        async with keeper(tmp_path, kafka) as url:
            code, out, err = await shell.run("webhooks", "register", WHOLE, "--url", url, "--json")
            assert (code, err) == (0, "")
            assert [each["verified"] for each in orjson.loads(out)] == [True] * 3

        code, out, _ = await shell.run("webhooks", "list", WHOLE, "--json")
        assert [each["at_freshbooks"] for each in orjson.loads(out)] == ["verified"] * 3

        code, out, _ = await shell.run("connections", "show", WHOLE, "--json")
        shown = orjson.loads(out)
        assert (shown["freshbooks"], shown["webhooks"]) == ("ok", "3 of 3 verified")
        assert shown["settings"]["webhook_uri_base"] == url
        assert sandbox.client_secret not in out

        assert (await shell.run("connections", "pause", WHOLE))[1] == f"{WHOLE} is paused\n"
        assert (await shell.run("connections", "resume", WHOLE))[1] == f"{WHOLE} is running\n"

        code, _, err = await shell.run("connections", "set", WHOLE, "poll_at=0 25 * * *")
        assert (code, "bad-change: poll_at: '0 25 * * *' names no time: bad hour" in err) == (1, True)
        await shell.run("connections", "set", WHOLE, "poll_at=30 6 * * *", "poll_zone=Asia/Tokyo")
        shown = orjson.loads((await shell.run("connections", "show", WHOLE, "--json"))[1])
        assert (shown["polled"], shown["next_poll"][10:]) == (
            "at 06:30 every day (Asia/Tokyo)",
            "T21:30:00Z",
        )

        await shell.run("webhooks", "remove", WHOLE)
        assert len(sandbox.freshbooks.callbacks.all()) == 3
        await shell.run("webhooks", "remove", WHOLE, "--apply")
        assert sandbox.freshbooks.callbacks.all() == []


async def test_the_address_to_consent_at_is_printed_and_the_code_asked_for(
    shell: Terminal, tmp_path: Path
) -> None:
    async with running_freshbooks() as sandbox:
        secret = tmp_path / "secret.txt"
        secret.write_text(sandbox.client_secret)
        words = ("connect", "freshbooks", "fb-asked", "--client-id", sandbox.client_id)
        where = ("--redirect-uri", REDIRECT, "--api-url", sandbox.url, "--auth-url", sandbox.url)

        code, out, err = await shell.run(
            *words, *where, "--client-secret-file", str(secret), typed=await consented(sandbox)
        )

        assert f"{sandbox.url}/oauth/authorize/?client_id={sandbox.client_id}" in err
        assert (code, out.strip()) == (1, "")
        assert "foreign-state" in err
        assert sandbox.client_secret not in err


async def test_what_goes_wrong_is_said_with_its_mend(shell: Terminal, tmp_path: Path) -> None:
    async with running_freshbooks() as sandbox:
        code, _, err = await connect(shell, sandbox, tmp_path, "fb-stale", "--code", "stale")
        assert code == 1
        assert "needs-consent" in err
        assert "Traceback" not in err

        code, _, err = await shell.run("connections", "show", "nobody")
        assert (code, "connections list" in err) == (1, True)

        code, _, err = await shell.run("webhooks", "register", "Not A Name")
        assert (code, "bad-name" in err) == (1, True)


async def test_without_ingress_and_worker_the_register_says_what_is_missing(
    shell: Terminal, tmp_path: Path
) -> None:
    async with running_freshbooks() as sandbox:
        await sandbox.control.switches(membership_role="contractor")
        code, out, err = await connect(
            shell, sandbox, tmp_path, "fb-alone", "--code", await consented(sandbox)
        )
        assert (code, "a contractor no clients, invoices and payments\n  mend: " in err) == (0, True)

        code, out, err = await shell.run(
            *("webhooks", "register", "fb-alone", "--url", "http://127.0.0.1:9", "--timeout", "1", "--json")
        )

        assert code == 1
        assert [each["at_freshbooks"] for each in orjson.loads(out)] == ["unverified"] * 3
        assert "not verified: client, invoice, payment" in err
