"""Where matches are decided on a desk of pages, and where what they name is to be found."""

from app.desk.desk import Desk
from app.match.desk import Desk as MatchDesk
from streams.domain.connection import Connection


def sitting(desk: Desk, connection: Connection, actor: str = "") -> MatchDesk:
    """Return the desk at which matches of a connection are decided."""
    return MatchDesk(desk.registry, desk.book, connection, desk.orgs.org(connection.name), actor)


def client_page(connection: str, client: int) -> str:
    """Return the address of a client's page."""
    return f"/matches/{connection}/{client}"


def account_link(connection: Connection, account: str) -> str:
    """Return where people see an Account in the org; empty when there is none, or no org."""
    domain = connection.salesforce_domain.rstrip("/")
    return f"{domain}/{account}" if domain and account else ""
