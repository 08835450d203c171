"""Where matches are decided on a desk of pages, and where what they name is to be found."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

from app.desk.desk import Desk
from app.desk.works import Work
from app.match.desk import Desk as MatchDesk
from app.view import behind
from app.view.behind import Client
from app.view.store import DatabaseAway
from streams.domain.connection import Connection
from streams.domain.errors import Refused


class Seen(Protocol):
    """What a person was shown before he decides."""

    @property
    def seal(self) -> str:
        """What the form brings back: the same while deciding would do the same."""

    @property
    def carried(self) -> bool:
        """Whether it was decided, and done."""


It = TypeVar("It", bound=Seen)


def sitting(desk: Desk, connection: Connection, actor: str = "") -> MatchDesk:
    """Return the desk at which matches of a connection are decided."""
    return MatchDesk(desk.registry, desk.book, connection, desk.orgs.org(connection.name), actor)


async def waiting(desk: Desk, clients: Iterable[Client]) -> Mapping[Client, int]:
    """Return how many rows of each client wait; none while the view is away: one may decide without it."""
    try:
        async with (await desk.store()).reading() as database:
            return await behind.waiting(database, clients)
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


def of_now(desk: Desk, key: Hashable, holds: Callable[[It], bool]) -> Work[It] | None:
    """Return what was last wished, unless somebody decided otherwise since: then it is forgotten."""
    work: Work[It] | None = desk.works.get(key)
    if work is None or work.result is None or holds(work.result):
        return work
    desk.works.forget(key)
    return None


def seen(desk: Desk, key: Hashable, form: Mapping[str, Any], kind: type[It], where: str) -> It:
    """Return what a person saw when he pressed the button; `where` names the page.

    Raises:
        Refused: the page shows something else by now.
    """
    work = desk.works.get(key)
    shown = work.result if work is not None else None
    if not isinstance(shown, kind) or shown.carried or shown.seal != form.get("seal"):
        message = "nothing was done: this page shows something else by now"
        raise Refused(message, f"load {where} again, and look what it would do", "not-seen")
    return shown


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
