"""Both sides and the log as they are now: Salesforce is asked first, then FreshBooks, the log last.

What moves meanwhile is then always newer in the log than in what was asked, and tells so itself.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from app.reconcile.compare_books import compared
from app.reconcile.compare_rows import RowComparison
from app.reconcile.difference import Difference, Explained, Named
from app.reconcile.held import Held
from app.reconcile.money import together
from app.reconcile.report import ClientMoney, Report, Side
from app.reconcile.shown import Shown
from app.reconcile.told import Told
from streams.domain.command import SObject
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.version import EASTERN
from streams.mapping.terms import Terms

_ROWS: Mapping[ObjectKind, SObject] = {
    ObjectKind.CLIENT: SObject.ACCOUNT,
    ObjectKind.INVOICE: SObject.OPPORTUNITY,
}


def report(connection: Connection, shown: Shown, told: Told, held: Held, rows: RowComparison) -> Report:
    """Return what the comparison of all three comes to."""
    found = [*compared(shown, told), *rows.all()]
    return Report(
        connection=connection.name,
        as_of=shown.began,
        live=True,
        differences=[it for it in found if isinstance(it, Difference)],
        explained=[it for it in found if isinstance(it, Explained)],
        counts=_counts(shown, told, held),
        clients=[*_clients(connection, shown, told, held)],
        tells_sums=held.tells_sums,
    )


def aged(told: Told, client: ClientId, moment: datetime) -> date:
    """Return the day by which a client's invoices are overdue: that of its books, yesterday at the least.

    No webhook says that a day has passed: the poller tells the books, once a day. Until it has they are right
    by their own day; that a whole day passed untold is a difference.
    """
    yesterday = moment.astimezone(EASTERN).date() - timedelta(days=1)
    return max(yesterday, date.fromisoformat(told.day(client) or yesterday.isoformat()))


def live_objects(shown: Shown) -> frozenset[Named]:
    """Return what FreshBooks lists as being there."""
    return frozenset(named for named, it in shown.objects.items() if it.live)


def _counts(shown: Shown, told: Told, held: Held) -> dict[str, dict[Side, int]]:
    """Return how many each side has: all that is not deleted, drafts too; in Salesforce all rows of ours."""
    counts: dict[str, dict[Side, int]] = {}
    for kind in ObjectKind:
        its = {Side.FRESHBOOKS: _live(shown, kind), Side.LOG: _live(told, kind)}
        if kind in _ROWS:
            its[Side.SALESFORCE] = sum(sobject is _ROWS[kind] for sobject, _ in held.rows)
        counts[f"{kind.value}s"] = its
    return counts


def _live(side: Shown | Told, kind: ObjectKind) -> int:
    return sum(named.kind is kind and it.live for named, it in side.objects.items())


def _clients(connection: Connection, shown: Shown, told: Told, held: Held) -> Iterator[ClientMoney]:
    """Yield what each client owes; who shares another one's Account is counted with that one."""
    terms, listed = Terms.of(connection), shown.money(lambda it: aged(told, it, shown.began))
    known = {it.number for it in (*shown.objects, *told.objects) if it.kind is ObjectKind.CLIENT}
    for client, members in families(told, map(ClientId, {*known, *listed, *told.clients})).items():
        sides = {
            Side.FRESHBOOKS: together(listed.get(it) for it in members),
            Side.LOG: together(told.money(it) for it in members),
        }
        shows = held.money(terms, client)
        if shows is not None:
            sides[Side.SALESFORCE] = shows
        yield ClientMoney(client, name_of(client, shown.objects, told.objects), sides)


def families(told: Told, clients: Iterable[ClientId]) -> dict[ClientId, list[ClientId]]:
    """Return the clients by whose Account shows their sums, in order; most are alone on their own."""
    found: dict[ClientId, list[ClientId]] = {}
    for client in sorted(clients):
        found.setdefault(told.home(client), []).append(client)
    return dict(sorted(found.items()))


def name_of(client: ClientId, *sides: Mapping[Named, object]) -> str:
    """Return what a client goes by, on the first side that says so."""
    named = Named(ObjectKind.CLIENT, client)
    said = (getattr(side.get(named), "name", "") for side in sides)
    return next(filter(None, said), "")
