"""`freshforce connect freshbooks`: consent, code, account."""

import asyncio
import os
from dataclasses import dataclass
from functools import partial

import click
import orjson

from app.cli.clock import now
from app.cli.secret import SECRET_FILE, read_secret
from app.connect.accounts import Candidate, pick
from app.connect.consent import Pasted, ask_consent, pasted, redirect_uri
from app.connect.freshbooks import Urls, connect, with_urls
from app.connect.naming import connection_name
from app.freshbooks.door import open_session
from app.freshbooks.oauth import SCOPES, OAuthApp
from app.registry import open_registry
from app.settings import Settings, load
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName


@click.command()
@click.argument("name")
@click.option("--client-id", required=True, help="Client id of your app at my.freshbooks.com/#/developer.")
@click.option("--client-secret-file", type=SECRET_FILE, help="File with the client secret.")
@click.option("--redirect-uri", "redirect", default="", help="As registered there; default: PUBLIC_URL's.")
@click.option("--code", help="What you would paste: the address that FreshBooks led to, or its code.")
@click.option("--account-id", default="", help="Which account, when the user has several.")
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
    api_url: str,
    auth_url: str,
    as_json: bool,
) -> None:
    """Connect the FreshBooks account NAME: print where to consent, take the code, keep the tokens sealed.

    Open the printed address in a browser, allow the app, and paste the address of the page that you end
    on. It may also be given later with --code, within five minutes.

    Example: freshforce connect freshbooks acme --client-id 1a2b --client-secret-file secret.txt
    """
    settings = load()
    secret = read_secret(client_secret_file, "FreshBooks client secret")
    app = OAuthApp(client_id, secret, redirect_uri(redirect, settings.public_url))
    asked = _Asked(connection_name(name), app, Urls(api_url, auth_url), account_id, code)
    connection = asyncio.run(_connect(settings, asked))
    told = {"connection": connection.name, "account": connection.freshbooks_account_id}
    if as_json:
        click.echo(orjson.dumps(told))
    else:
        click.echo(f"{connection.name} is connected to FreshBooks account {told['account']}")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a person asked for."""

    name: ConnectionName
    app: OAuthApp
    urls: Urls
    account_id: str
    code: str | None


async def _connect(settings: Settings, asked: _Asked) -> Connection:
    async with open_registry(settings, now, os.urandom) as registry, open_session() as session:
        known = registry.connections.get(asked.name) or Connection(name=asked.name)
        connection = with_urls(known, asked.urls, allow_http=settings.allow_http_vendors)
        code = await asyncio.to_thread(_code, asked, connection)  # a person thinks; Kafka goes on
        choose = partial(pick, asked.account_id, _choose)
        return await connect(registry, session, connection, asked.app, code, choose)


def _code(asked: _Asked, connection: Connection) -> Pasted:
    if asked.code is not None:
        return pasted(asked.app, asked.code)
    consent = ask_consent(asked.app, connection.freshbooks_auth_url, os.urandom(16))
    click.echo(f"Our app needs the scopes {', '.join(SCOPES)}. Consent here:\n\n{consent.url}\n", err=True)
    text = click.prompt("Then paste the address that FreshBooks led to, or its code", err=True)
    return pasted(asked.app, text, consent.state)


def _choose(found: tuple[Candidate, ...]) -> Candidate:
    for place, each in enumerate(found, 1):
        click.echo(f"{place}  {each.account}  {each.business}  ({each.role})", err=True)
    number: int = click.prompt("Which account", type=click.IntRange(1, len(found)), err=True)
    return found[number - 1]
