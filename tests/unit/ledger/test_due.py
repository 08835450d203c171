"""What is overdue, and what it costs to tell."""

from decimal import Decimal
from random import Random

from streams.domain.snapshot import Visibility
from streams.ledger.due import advance, owe
from streams.ledger.fold import News
from streams.ledger.head import Head
from streams.ledger.shelf import Shelf
from tests.builders.ledger import folded
from tests.builders.records import a_client, a_record, an_invoice

A_DAY = 86_400
AFTER_IT_WAS_DUE = 29 * A_DAY
"""From the morning of 2 November to that of 1 December; the invoice is due on 30 November."""


class Counting(dict[bytes, bytes]):
    """A table that counts what is read of it."""

    reads = 0

    def get(self, key: bytes, default: bytes | None = None) -> bytes:  # type: ignore[override]
        self.reads += 1
        return super().get(key, default or b"")


def test_what_is_due_before_the_day_of_the_last_reading_is_overdue() -> None:
    on_the_day, after = AFTER_IT_WAS_DUE - A_DAY, AFTER_IT_WAS_DUE

    heads = [
        folded(a_record(an_invoice()), a_record(a_client(), at=at))[0].head for at in (on_the_day, after)
    ]

    assert [head.overdue for head in heads] == [{}, {"CAD": "100.00"}]


def test_that_a_day_has_passed_is_news_though_the_client_is_as_it_was() -> None:
    first, second = a_record(a_client(), at=1), a_record(a_client(), at=1).model_copy
    again = second(update={"read_at": a_record(a_client(), at=AFTER_IT_WAS_DUE).read_at})

    books, said = folded(first, a_record(an_invoice(), at=2), again, again)

    assert [(it.news, it.aged) for it in said[2:]] == [(News.SAME, True), (News.SAME, True)]
    assert books.head.revision == 3


def test_even_old_news_moves_the_day() -> None:
    older = a_record(an_invoice(), at=1)
    read_late = older.model_copy(update={"read_at": a_record(a_client(), at=AFTER_IT_WAS_DUE).read_at})

    books, said = folded(a_record(an_invoice(), at=2), read_late)

    assert (said[1].news, said[1].aged) == (News.OLD, True)
    assert books.head.overdue == {"CAD": "100.00"}


def test_a_day_on_which_nothing_falls_due_is_no_news() -> None:
    older = a_record(an_invoice(), at=1)
    next_day = older.model_copy(update={"read_at": a_record(a_client(), at=A_DAY).read_at})

    books, said = folded(a_record(an_invoice(), at=2), next_day)

    assert not said[1].aged
    assert (books.head.revision, books.head.day) == (1, "2026-11-03")


def test_what_is_paid_or_deleted_is_overdue_no_longer() -> None:
    owed = [an_invoice(31), an_invoice(32)]
    late = a_record(a_client(), at=AFTER_IT_WAS_DUE)
    ended = [an_invoice(31, paid="100.00"), an_invoice(32, visibility=Visibility.DELETED)]

    books, _ = folded(
        *(a_record(it, at=at) for at, it in enumerate(owed)),
        late,
        *(a_record(it, at=AFTER_IT_WAS_DUE + at) for at, it in enumerate(ended, 1)),
    )

    assert books.head.overdue == {}


def test_an_invoice_that_was_paid_too_much_takes_nothing_off_another() -> None:
    books, _ = folded(
        a_record(an_invoice(31), at=1),
        a_record(an_invoice(32, outstanding="-40.00"), at=2),
        a_record(a_client(), at=AFTER_IT_WAS_DUE),
    )

    assert books.head.overdue == {"CAD": "100.00"}


def test_an_invoice_that_is_never_due_is_never_overdue() -> None:
    books, _ = folded(a_record(an_invoice(due_on=None), at=1), a_record(a_client(), at=400 * A_DAY))

    assert books.head.overdue == {}


def test_days_and_debts_in_any_order_add_up() -> None:
    random, shelf, head = Random(3), Shelf({}, b"k", b""), Head()
    days = [f"2026-{month:02}-{day:02}" for month in range(1, 13) for day in (1, 15, 28)]
    owed: list[tuple[str, str, Decimal]] = []

    for _ in range(600):
        if random.random() < 0.05:
            advance(shelf, head, random.choice(days))
        elif owed and random.random() < 0.5:
            due, currency, amount = owed.pop(random.randrange(len(owed)))
            owe(shelf, head, due, currency, amount.copy_negate())
        else:
            owed.append(
                (random.choice(days), random.choice(["CAD", "USD"]), Decimal(random.randrange(1, 99)))
            )
            owe(shelf, head, *owed[-1])
        for currency in ("CAD", "USD"):
            late = sum((it for due, its, it in owed if its == currency and due < head.day), Decimal(0))
            assert Decimal(head.overdue.get(currency, "0")) == late


def test_ten_thousand_invoices_fall_due_by_a_look_at_the_months() -> None:
    """A gap of two years costs a page per month with something due, however many invoices there are."""
    table = Counting()
    shelf, head = Shelf(table, b"k", b""), Head()
    for invoice in range(10_000):
        owe(shelf, head, f"2025-{invoice % 12 + 1:02}-{invoice % 28 + 1:02}", "CAD", Decimal("1.10"))
    shelf.save(head.written())
    table.reads = 0

    advance(shelf, head, "2026-11-28")

    assert head.overdue == {"CAD": "11000.00"}
    assert (table.reads, head.months) == (12, [])
