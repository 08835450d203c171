"""Where matches are decided on a desk of pages, and where what they name is to be found."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

from app.desk.desk import Desk
from app.match.desk import Desk as MatchDesk
from app.view.behind import Client, behind
from app.view.store import DatabaseAway
from streams.domain.connection import Connection
from streams.domain.errors import Refused


def sitting(desk: Desk, connection: Connection, actor: str = "") -> MatchDesk:
    """Return the desk at which matches of a connection are decided."""
    return MatchDesk(desk.registry, desk.book, connection, desk.orgs.org(connection.name), actor)


async def waiting(desk: Desk, clients: Iterable[Client]) -> Mapping[Client, int]:
    """Return how many rows of each client wait; none while the view is away: one may decide without it."""
    try:
        async with (await desk.store()).reading() as database:
            return await behind(database, clients)
    except DatabaseAway:
        return {}


def client_page(connection: str, client: int) -> str:
    """Return the address of a client's page."""
    return f"/matches/{connection}/{client}"


def account_link(connection: Connection, account: str) -> str:
    """Return where people see an Account in the org; empty when there is none, or no org."""
    domain = connection.salesforce_domain.rstrip("/")
    return f"{domain}/{account}" if domain and account else ""


def refuse_busy(desk: Desk, key: Hashable) -> None:
    """Let one button of a page be at work at a time.

    Raises:
        Refused: another one is.
    """
    work = desk.works.get(key)
    if work is not None and work.under_way:
        message = "nothing was done: another button of this page is still at work"
        raise Refused(message, "wait until it says what became of that", "not-now")


def reason_of(form: Mapping[str, Any]) -> str:
    """Return why somebody decides.

    Raises:
        Refused: the form gives no reason.
    """
    reason = str(form.get("reason", "")).strip()
    if not reason:
        message = "nothing was decided: no reason was given"
        raise Refused(message, "say why; it is kept with the decision", "no-reason")
    return reason
