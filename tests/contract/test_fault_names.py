"""Rows F35 and F36: names that lead nowhere or elsewhere, and certificates that prove nothing.

Both our clients call a web server of this machine over TLS, trusting an authority made for the test.
"""

import asyncio
import os
import ssl
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from tests.builders.certificates import DAY, Authority, an_authority

ROOT = Path(__file__).parents[2]
REFUSED = "unreachable: "


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return an_authority(tmp_path, datetime.now(UTC))  # noqa: TID251  # certificates live by the calendar


async def outcomes(authority: Authority, url: str) -> list[str]:
    """Return what became of a call of each client."""
    caller = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.tls_caller", url),
        env=os.environ | {"SSL_CERT_FILE": str(authority.file), "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await caller.communicate()
    return said.decode().splitlines()


async def called(authority: Authority, context: ssl.SSLContext) -> tuple[list[str], int]:
    """Return the outcomes of calls to a server with that certificate, and how many requests it saw."""
    seen = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal seen
        seen += 1
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0, ssl_context=context)
    await site.start()
    try:
        port = runner.addresses[0][1]
        return await outcomes(authority, f"https://localhost:{port}"), seen
    finally:
        await runner.cleanup()


async def test_f36_a_certificate_of_the_authority_for_this_host_is_taken(authority: Authority) -> None:
    """Or the refusals below would prove nothing."""
    assert await called(authority, authority.server("localhost")) == (["answered", "answered"], 2)


@pytest.mark.parametrize("flaw", ["self-signed", "expired", "not yet valid"])
async def test_f36_a_certificate_that_proves_nothing_is_refused_before_a_word_is_said(
    authority: Authority, flaw: str
) -> None:
    context = {
        "self-signed": authority.server("localhost", alone=True),
        "expired": authority.server("localhost", age=3 * DAY),
        "not yet valid": authority.server("localhost", age=-DAY),
    }[flaw]

    said, seen = await called(authority, context)

    assert [words.startswith(REFUSED) and "Certificate" in words for words in said] == [True, True], said
    assert seen == 0


async def test_f35_a_name_that_leads_to_another_server_is_refused_by_its_certificate(
    authority: Authority,
) -> None:
    said, seen = await called(authority, authority.server("elsewhere.example"))

    assert [words.startswith(REFUSED) and "Certificate" in words for words in said] == [True, True], said
    assert seen == 0


async def test_f35_a_name_that_leads_nowhere_may_be_tried_again(authority: Authority) -> None:
    said = await outcomes(authority, "https://no-such-host.invalid")

    assert [words.startswith(REFUSED) for words in said] == [True, True], said
