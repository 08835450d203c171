"""`freshforce webhooks`: FreshBooks' callbacks to us."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import click
import orjson
from rich.table import Table

from app.cli.clock import now
from app.cli.console import console
from app.connect.callbacks import Standing
from app.connect.changing import change
from app.connect.naming import connection_name
from app.connect.webhooks import PATIENCE, Removed, Webhooks
from app.freshbooks.door import open_session
from app.registry import open_registry
from app.settings import load
from streams.domain.errors import FreshforceError, Misconfigured

_JSON = click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
_TIMEOUT = click.option(
    "--timeout", default=PATIENCE, show_default=True, help="Seconds to wait for the handshakes."
)


@click.group()
def webhooks() -> None:
    """Register, list, verify or remove FreshBooks' callbacks to us.

    There is one for each of client, invoice and payment, each at its own secret path under PUBLIC_URL.
    Ingress and worker must run: FreshBooks posts a code, which the worker sends back.
    """


@webhooks.command()
@click.argument("name")
@click.option("--url", default="", help="Public base URL of the ingress, kept; default: PUBLIC_URL.")
@_TIMEOUT
@_JSON
def register(name: str, url: str, timeout: float, *, as_json: bool) -> None:
    """Register the callbacks of NAME and wait until FreshBooks calls them verified.

    Safe to repeat: what is well stays, what is missing or unverified is mended. Exit code 1 when one is
    not verified in time.
    """
    _say(asyncio.run(_register(name, url, timeout)), as_json=as_json)


@webhooks.command(name="list")
@click.argument("name")
@_JSON
def list_(name: str, *, as_json: bool) -> None:
    """List the callbacks of NAME as we and FreshBooks have them. Exit code 1 when one is not well."""
    _say(asyncio.run(_list(name)), as_json=as_json)


@webhooks.command()
@click.argument("name")
@_TIMEOUT
@_JSON
def verify(name: str, timeout: float, *, as_json: bool) -> None:
    """Mend the callbacks of NAME: register what FreshBooks lost, verify what is unverified.

    Exit code 1 when one is not verified in time.
    """
    _say(asyncio.run(_register(name, "", timeout)), as_json=as_json)


@webhooks.command()
@click.argument("name")
@click.option("--apply", "apply_it", is_flag=True, help="Really remove them; otherwise they are only listed.")
@_JSON
def remove(name: str, *, apply_it: bool, as_json: bool) -> None:
    """Remove the callbacks of NAME, at FreshBooks and here. Nothing comes in any more but what is polled.

    Safe to repeat: what somebody registered again while they were removed goes, too.
    """
    removed = asyncio.run(_remove(name, apply_it=apply_it))
    if as_json:
        click.echo(orjson.dumps(removed.callbacks))
    else:
        did = "removed" if apply_it else "would remove"
        for each in removed.callbacks:
            click.echo(f"{did} {each.event} {each.callback_id or ''}".rstrip())
    if removed.unseen is not None:
        click.echo(doubt(name, removed.unseen), err=True)


def doubt(name: str, unseen: FreshforceError) -> str:
    """Say what is not known of callbacks that are removed, and how to look again."""
    return (
        f"not known: whether somebody registered them again in that moment ({unseen})\n"
        f"  mend: once FreshBooks answers, look again: freshforce webhooks remove {name} --apply"
    )


@asynccontextmanager
async def _opened(name: str) -> AsyncIterator[Webhooks]:
    settings = load()
    async with open_registry(settings, now, os.urandom) as registry, open_session() as session:
        connection = registry[connection_name(name)]
        yield Webhooks(registry, session, connection, settings.allow_http_vendors)


async def _register(name: str, url: str, timeout: float) -> tuple[Standing, ...]:  # noqa: ASYNC109 - a person's limit, told in the result
    async with _opened(name) as found:
        base = url or found.connection.webhook_uri_base or load().public_url
        if not base:
            message = "there is no public URL at which FreshBooks could reach the ingress"
            raise Misconfigured(message, "set FRESHFORCE_PUBLIC_URL, or give --url", "no-public-url")
        if url:
            await change(found.registry, found.connection.name, {"webhook_uri_base": url})
        return await found.register(base, timeout)


async def _list(name: str) -> tuple[Standing, ...]:
    async with _opened(name) as found:
        return await found.standings()


async def _remove(name: str, *, apply_it: bool) -> Removed:
    async with _opened(name) as found:
        return await found.remove() if apply_it else Removed(await found.going())


def _say(found: Sequence[Standing], *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(found))
    else:
        console().print(_table(found))
    ill = [each.event for each in found if not each.well]
    if ill or not found:
        click.echo(_mend(ill), err=True)
        raise SystemExit(1)


def _mend(ill: Sequence[str]) -> str:
    if not ill:
        return "there are no callbacks; run `freshforce webhooks register`"
    return (
        f"not verified: {', '.join(ill)}\n"
        "  mend: see that ingress and worker run and that FreshBooks reaches the public URL, then repeat"
    )


def _table(found: Sequence[Standing]) -> Table:
    table = Table("event", "number", "at FreshBooks", "verifier", "address")
    for each in found:
        held = "held" if each.verified else "missing"
        table.add_row(each.event, str(each.callback_id or ""), each.at_freshbooks, held, each.uri)
    return table
