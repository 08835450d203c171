"""Money on all sides as it is now: overdue by the day of the books, so that midnight makes no difference."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from app.reconcile import live
from app.reconcile.compare_rows import RowComparison
from app.reconcile.difference import Named
from app.reconcile.held import Held
from app.reconcile.report import Report, Side
from app.reconcile.seen import seen
from app.reconcile.shown import Shown
from app.reconcile.told import Told
from streams.domain.identity import ClientId, ObjectKind
from tests.builders.records import A_CONNECTION, MORNING, a_client, a_record, an_invoice

INVOICE = an_invoice(due_on=date(2026, 11, 2))
MIDNIGHT = datetime(2026, 11, 3, 5, tzinfo=UTC)
"""Where FreshBooks' clock hangs."""


def at(moment: datetime, *, salesforce: bool = True) -> Report:
    """All sides at a moment: read last on the morning of the second, on whose evening the invoice is due."""
    told, shown, held = Told(), Shown(moment), Held(moment, tells_sums=salesforce)
    for record in (a_record(a_client()), a_record(INVOICE)):
        told.record(record)
    shown.objects[Named(ObjectKind.INVOICE, 31)] = seen(INVOICE, "", MORNING, 7)
    rows = RowComparison(A_CONNECTION, told, held, {})
    return live.report(A_CONNECTION, shown, told, held, rows)


def overdue(report: Report) -> tuple[Decimal, Decimal]:
    (client,) = report.clients
    return client.sides[Side.FRESHBOOKS]["CAD"].overdue, client.sides[Side.LOG]["CAD"].overdue


def test_until_the_day_has_been_told_to_the_books_nothing_is_overdue_by_it() -> None:
    assert overdue(at(MIDNIGHT - timedelta(hours=1))) == (Decimal(0), Decimal(0))
    assert overdue(at(MIDNIGHT + timedelta(hours=1))) == (Decimal(0), Decimal(0))


def test_a_day_that_was_not_told_for_a_whole_day_is_a_difference() -> None:
    found = at(MIDNIGHT + timedelta(days=1))

    assert overdue(found) == (Decimal("100.00"), Decimal(0))
    assert not found.clients[0].agrees


def test_books_that_were_told_of_a_day_meanwhile_are_right_by_that_day() -> None:
    told = Told()
    told.record(a_record(a_client(), at=24 * 3600))

    assert live.aged(told, ClientId(7), MORNING) == date(2026, 11, 3)
    assert live.aged(told, ClientId(8), MORNING) == date(2026, 11, 1)


def test_a_side_that_cannot_say_is_no_side_of_the_money() -> None:
    found = at(MORNING, salesforce=False)

    assert found.money_sides == (Side.FRESHBOOKS, Side.LOG)
    assert Side.SALESFORCE in found.sides
