"""`freshforce connect freshbooks`: consent, code, account."""

import asyncio
import os
import sys
from dataclasses import dataclass
from typing import Any

import click
import orjson
from aiohttp import ClientSession

from app.cli.clock import now
from app.cli.secret import SECRET_FILE, read_secret
from app.cli.typed import Typed
from app.connect.accounts import Candidate, shortlist
from app.connect.asking import answered, begin, claim, ended, until_came
from app.connect.consent import Consent, Pasted, pasted, redirect_uri
from app.connect.freshbooks import Urls, allowed, join, refuse_another, trade, with_urls
from app.connect.naming import connection_name
from app.connect.refusals import refusals_said
from app.connect.revoking import Unjoined
from app.connect.rights import hidden, wanting
from app.freshbooks.door import open_session
from app.freshbooks.oauth import SCOPES, OAuthApp
from app.registry import Registry, open_registry
from app.salesforce.checkup import Finding
from app.settings import Settings, load
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Permanent
from streams.domain.identity import ConnectionName


@click.command()
@click.argument("name")
@click.option("--client-id", required=True, help="Client id of your app at my.freshbooks.com/#/developer.")
@click.option("--client-secret-file", type=SECRET_FILE, help="File with the client secret; - is stdin.")
@click.option("--redirect-uri", "redirect", default="", help="As registered there; default: PUBLIC_URL's.")
@click.option(
    "--code", help="What you would paste: the address that FreshBooks led to, or its code; - is stdin."
)
@click.option("--account-id", default="", help="Which account, when the user has several.")
@click.option("--other-account", is_flag=True, help="NAME shall follow another account than so far.")
@click.option("--api-url", default="", help="Another server that speaks FreshBooks' API.")
@click.option("--auth-url", default="", help="Another server for the consent page.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def freshbooks(  # noqa: PLR0913 - one argument per option
    *,
    name: str,
    client_id: str,
    client_secret_file: str | None,
    redirect: str,
    code: str | None,
    account_id: str,
    other_account: bool,
    api_url: str,
    auth_url: str,
    as_json: bool,
) -> None:
    """Connect the FreshBooks account NAME: print where to consent, take the code, keep the tokens sealed.

    Open the printed address in a browser and allow the app. FreshBooks then leads the browser to the
    redirect address: where that is our ingress, the command goes on by itself; else paste the address of
    the page that you end on. It may also be given later with --code, within five minutes; as --code -
    it stands in no list of processes and no shell history.

    Repeat it when `freshforce connections list` says that NAME needs consent: what waited goes on.

    Example: freshforce connect freshbooks acme --client-id 1a2b --client-secret-file secret.txt
    """
    settings = load()
    secret = read_secret(client_secret_file, "FreshBooks client secret")
    app = OAuthApp(client_id, secret, redirect_uri(redirect, settings.public_url))
    urls = Urls(api_url, auth_url)
    brought = sys.stdin.readline().strip() if code == "-" else code
    asked = _Asked(connection_name(name), app, urls, account_id, brought, other_account)
    connection, found = asyncio.run(_connect(settings, asked))
    if as_json:
        click.echo(orjson.dumps(_told(connection, found)))
        return
    click.echo(f"{connection.name} is connected to FreshBooks account {connection.freshbooks_account_id}")
    for each in found:
        click.echo(f"  {each.what}: {each.says}\n  mend: {each.mend}", err=True)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person asked for."""

    name: ConnectionName
    app: OAuthApp
    urls: Urls
    account_id: str
    code: str | None
    other_account: bool


def _told(connection: Connection, found: tuple[Finding, ...]) -> dict[str, Any]:
    warnings = [{"what": it.what, "says": it.says, "mend": it.mend} for it in found]
    account = connection.freshbooks_account_id
    return {"connection": connection.name, "account": account, "warnings": warnings}


async def _connect(settings: Settings, asked: _Asked) -> tuple[Connection, tuple[Finding, ...]]:
    async with open_registry(settings, now, os.urandom) as registry, open_session() as session:
        known = registry.taken(asked.name)
        connection = with_urls(known, asked.urls, allow_http=settings.allow_http_vendors)
        person = Typed()
        async with refusals_said(registry, connection):
            refuse_another(connection, asked.account_id, other_account=asked.other_account)
            code = await _code(registry, session, asked, connection, person)
            try:
                tokens, found = await trade(registry, session, connection, asked.app, code)
            finally:
                await ended(registry, asked.name, code.state)
            unjoined = Unjoined(registry, session, connection, asked.app, tokens)
            async with unjoined.revoked_on(Permanent):
                among = allowed(connection, found, other_account=asked.other_account)
                async with unjoined.revoked_on(asyncio.CancelledError):
                    account = await _chosen(person, shortlist(asked.account_id, among))
                joined = await join(registry, connection, asked.app, tokens, account)
            return joined, wanting(joined.name, tokens.scopes, account.role)


async def _code(
    registry: Registry, session: ClientSession, asked: _Asked, connection: Connection, person: Typed
) -> Pasted:
    if asked.code is not None:
        brought = pasted(asked.app, asked.code)
        await claim(registry, asked.name, brought.state)
        return brought
    consent = await begin(registry, session, connection, asked.app, other_account=asked.other_account)
    click.echo(f"Our app needs the scopes {', '.join(SCOPES)}. Consent here:\n\n{consent.url}\n", err=True)
    click.echo("Waiting for FreshBooks to lead your browser back. If it ends on another page:", err=True)
    first = _first(registry, asked, consent, person)
    return await answered(registry, asked.name, consent.state, first)


async def _first(registry: Registry, asked: _Asked, consent: Consent, person: Typed) -> Pasted:
    """Return what comes first: the browser at our ingress, or what a person pastes."""
    came = asyncio.create_task(until_came(registry, asked.name, consent.state))
    line = asyncio.create_task(person.answer("paste its address here, or the code: "))
    try:
        done, _ = await asyncio.wait({came, line}, return_when=asyncio.FIRST_COMPLETED)
        if came in done:
            click.echo("it came back by itself", err=True)
            return came.result()
        text = line.result()
        return await came if text is None else pasted(asked.app, text, consent.state)
    finally:
        came.cancel()
        line.cancel()


async def _chosen(person: Typed, found: tuple[Candidate, ...]) -> Candidate:
    if len(found) == 1:
        return found[0]
    for place, each in enumerate(found, 1):
        role = "; ".join(filter(None, (each.role, hidden(each.role))))
        click.echo(f"{place}  {each.account}  {each.business}  ({role})", err=True)
    numbers = {str(place): each for place, each in enumerate(found, 1)}
    while (line := await person.answer(f"Which account (1 to {len(found)}): ")) not in numbers:
        if line is None:
            message = "several accounts may be meant, and nobody is there to say which"
            raise Misconfigured(message, "say it with --account-id", "which-account")
    return numbers[line]
