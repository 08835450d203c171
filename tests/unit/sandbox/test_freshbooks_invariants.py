import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.freshbooks import FreshBooks
from app.sandbox.freshbooks.moments import eastern_day
from app.sandbox.freshbooks.nouns import PLACES, Noun
from app.sandbox.freshbooks.query import query_of
from app.sandbox.freshbooks.rows import Vis
from app.sandbox.freshbooks.seeding import sow

A_MORNING = datetime(2026, 5, 4, 14, 0, tzinfo=UTC)
NEAR_MIDNIGHT = datetime(2026, 5, 5, 3, 59, 59, tzinfo=UTC)
MOVES = st.lists(
    st.tuples(st.sampled_from(["pay", "change", "hide", "rewrite"]), st.integers(0, 99), st.integers(0, 2)),
    max_size=25,
)


def _freshbooks(now: datetime = A_MORNING) -> FreshBooks:
    freshbooks = FreshBooks(lambda: now)
    freshbooks.clock.set(now, stopped=True)
    return freshbooks


def _begun() -> FreshBooks:
    """Two clients with three invoices each, around midnight in New York."""
    freshbooks = _freshbooks(NEAR_MIDNIGHT)
    for name in ("Ann", "Bob"):
        client = freshbooks.books.create(Noun.CLIENT, {"fname": name}).id
        for _ in range(3):
            lines = [{"qty": 1, "unit_cost": {"amount": "30.00"}}]
            body = {"customerid": client, "create_date": "2026-05-04", "lines": lines}
            freshbooks.books.create(Noun.INVOICE, body)
    return freshbooks


def _do(freshbooks: FreshBooks, move: str, target: int, choice: int) -> None:
    books = freshbooks.books
    noun = (Noun.CLIENT, Noun.INVOICE, Noun.PAYMENT)[choice]
    ids = list(books.shelf(noun).rows)
    invoices = list(books.invoices.rows)
    match move:
        case "pay":
            body = {"invoiceid": invoices[target % 6], "amount": {"amount": "17.00"}, "date": "2026-05-04"}
            books.create(Noun.PAYMENT, body)
        case "rewrite":
            lines = [{"qty": target, "unit_cost": {"amount": "1.00"}}]
            books.change(Noun.INVOICE, invoices[target % 6], {"lines": lines})
        case "hide" if ids:
            books.change(noun, ids[target % len(ids)], {"vis_state": target % 3})
        case "change" if ids:
            books.change(noun, ids[target % len(ids)], {"note": str(target), "notes": str(target)})


@settings(max_examples=150, deadline=None)
@given(MOVES)
def test_an_invoice_shows_what_its_living_payments_come_to(moves: list[tuple[str, int, int]]) -> None:
    freshbooks = _begun()
    for move in moves:
        _do(freshbooks, *move)

    for invoice in freshbooks.books.invoices.rows.values():
        living = [one for one in freshbooks.books.payments_of(invoice.id) if one.vis_state != Vis.DELETED]
        received = sum((one.amount for one in living), Decimal(0))
        shown = freshbooks.shown(invoice)
        assert Decimal(shown["paid"]["amount"]) == min(received, invoice.amount)
        assert Decimal(shown["outstanding"]["amount"]) == invoice.amount - min(received, invoice.amount)
        assert (shown["payment_status"] == "paid") == bool(living and received >= invoice.amount)


@settings(max_examples=150, deadline=None)
@given(MOVES)
def test_every_index_finds_what_a_look_at_every_row_finds(moves: list[tuple[str, int, int]]) -> None:
    freshbooks = _begun()
    for move in moves:
        _do(freshbooks, *move)

    for noun in PLACES:
        rows: list[Any] = list(freshbooks.books.shelf(noun).rows.values())
        for query, wanted in _questions(rows):
            found = list(freshbooks.listing.ids(noun, query_of(query.items())))
            assert found == sorted(wanted, reverse=True), (noun, query)


def _questions(rows: list[Any]) -> list[tuple[dict[str, str], list[int]]]:
    """Return queries and the ids that each should find."""
    day = eastern_day(NEAR_MIDNIGHT)
    shown = [row for row in rows if row.vis_state != Vis.DELETED]
    client = rows[0].client if rows else 1
    return [
        ({}, [row.id for row in shown]),
        *(({"search[vis_state]": str(v)}, [row.id for row in rows if row.vis_state == v]) for v in range(3)),
        ({"search[updated_max]": "2026-05-05"}, [row.id for row in shown if eastern_day(row.updated) <= day]),
        ({"search[updated_min]": "2026-05-05"}, [row.id for row in shown if eastern_day(row.updated) > day]),
        ({"search[clientid]": str(client)}, [row.id for row in shown if row.client == client]),
    ]


def test_an_invoice_with_all_that_belongs_to_it_needs_less_than_three_kilobytes() -> None:
    freshbooks = _freshbooks()
    for _ in sow(freshbooks.books, 200, seed=1):
        pass
    tracemalloc.start()
    try:
        for _ in sow(freshbooks.books, 1000, seed=2):
            pass
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert used / 1000 < 3000
