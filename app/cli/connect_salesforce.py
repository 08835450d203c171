"""`freshforce connect salesforce`: credentials, tried at once and kept sealed."""

import asyncio
import os

import click
import orjson
from pydantic import SecretStr

from app.cli.clock import now
from app.cli.org_currency import settled, told
from app.cli.secret import SECRET_FILE, read_secret
from app.connect.naming import connection_name
from app.connect.salesforce import connect
from app.registry import open_registry
from app.salesforce.api.auth import Session
from app.salesforce.wire.transport import QUICK, transport
from app.settings import Settings, load
from streams.domain.identity import ConnectionName


@click.command()
@click.argument("name")
@click.option("--domain", required=True, help="The org's My Domain address, https://acme.my.salesforce.com.")
@click.option("--client-id", required=True, help="Consumer Key of your External Client App.")
@click.option("--client-secret-file", type=SECRET_FILE, help="File with the Consumer Secret.")
@click.option("--moved", is_flag=True, help="The org of NAME is the same but has a new address.")
@click.option(
    "--org-currency",
    metavar="CODE",
    help="The currency of an org that has only one (default: asked for at a terminal, else as before: USD).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def salesforce(  # noqa: PLR0913 - one argument per option
    *,
    name: str,
    domain: str,
    client_id: str,
    client_secret_file: str | None,
    moved: bool,
    org_currency: str | None,
    as_json: bool,
) -> None:
    """Connect the Salesforce org of NAME: log in with client credentials and keep them sealed.

    The app needs the scope "Manage user data via APIs (api)", the client credentials flow and a Run As
    user. Without --client-secret-file the secret is asked for; "-" reads it from stdin. An org does not say
    what its only currency is: an invoice in another one is not put into its Amount (see foreign_amount).

    Example: freshforce connect salesforce acme --domain https://acme.my.salesforce.com --client-id 3MVG9…
    """
    settings, connection = load(), connection_name(name)
    client = client_id, read_secret(client_secret_file, "Salesforce client secret")
    session = asyncio.run(_connect(settings, connection, domain, client, moved=moved))
    currency = asyncio.run(settled(settings, connection, org_currency, ask=not as_json))
    if as_json:
        click.echo(orjson.dumps({"connection": name, "instance": session.instance, "org_currency": currency}))
        return
    click.echo(f"{name} is connected to {session.instance}; next: freshforce setup salesforce {name}")
    click.echo(f"amounts: {told(name, currency)}")


async def _connect(
    settings: Settings, name: ConnectionName, domain: str, client: tuple[str, SecretStr], *, moved: bool
) -> Session:
    async with open_registry(settings, now, os.urandom) as registry, transport(QUICK) as send:
        known = registry.taken(name)
        http = settings.allow_http_vendors
        _, session = await connect(registry, send, known, domain, client, allow_http=http, moved=moved)
        return session
