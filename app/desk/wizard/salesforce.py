"""Step 2, Salesforce: the org's address and the app's credentials, tried at once."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from pydantic import SecretStr

from app.connect.salesforce import connect
from app.desk.desk import Desk, connection_of, desk_of
from app.desk.pages import see
from app.desk.wizard.shown import step_page
from app.salesforce.wire.address import org_origin
from app.vault.grants import SalesforceGrant
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured
from streams.domain.grant import Side


async def show(request: web.Request) -> web.Response:
    """Show what is known, and what a person has to set up in the org."""
    return _shown(request, connection_of(request))


async def log_in(request: web.Request) -> web.Response:
    """Log in with what was typed; keep it sealed when that works."""
    desk, connection = desk_of(request), connection_of(request)
    form = await request.post()
    typed = {name: str(form.get(name, "")).strip() for name in ("domain", "client_id")}
    try:
        await connect(
            desk.registry,
            desk.send,
            connection,
            typed["domain"],
            (
                typed["client_id"],
                _secret(desk, connection, typed, str(form.get("client_secret", "")).strip()),
            ),
            allow_http=desk.settings.allow_http_vendors,
            moved=form.get("moved") == "yes",
        )
    except FreshforceError as error:
        return _shown(request, connection, 422, error, typed)
    desk.works.forget((connection.name, "fields"))
    desk.works.forget((connection.name, "check"))
    return see(f"/connections/{connection.name}/salesforce")


def _shown(
    request: web.Request,
    connection: Connection,
    status: int = 200,
    error: FreshforceError | None = None,
    typed: Mapping[str, str] | None = None,
) -> web.Response:
    grant = _held(desk_of(request), connection)
    known = {"domain": connection.salesforce_domain, "client_id": grant.client_id if grant else ""}
    shown = known | dict(typed or {})
    elsewhere = grant is not None and shown["domain"] != connection.salesforce_domain
    moved = error is not None and (error.code == "other-org" or elsewhere)
    return step_page(
        request, connection, "salesforce", status, error, typed=shown, held=grant is not None, moved=moved
    )


def _secret(desk: Desk, connection: Connection, typed: Mapping[str, str], secret: str) -> SecretStr:
    """Return the secret as typed; one that is left out is the one we have."""
    grant = _held(desk, connection)
    if secret:
        return SecretStr(secret)
    if grant is None or grant.client_id != typed["client_id"]:
        message = "the consumer secret is missing"
        raise Misconfigured(message, "copy it from the app's page in Salesforce Setup", "no-secret")
    http = desk.settings.allow_http_vendors
    given_for = grant.address or connection.salesforce_domain
    if org_origin(typed["domain"], allow_http=http) != given_for:
        message = f"the consumer secret that we have was given for {given_for}"
        raise Misconfigured(message, "type it again for this address", "no-secret")
    return grant.client_secret


def _held(desk: Desk, connection: Connection) -> SalesforceGrant | None:
    held = desk.registry.grants.held(SalesforceGrant, connection.name, Side.SALESFORCE)
    return None if held is None else held.grant


ROUTES: Final = (
    web.get("/connections/{name}/salesforce", show),
    web.post("/connections/{name}/salesforce", log_in),
)
