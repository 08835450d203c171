"""What is news to the books, and what it changes in them."""

from datetime import date

from streams.domain.identity import ClientId, ObjectKind
from streams.domain.snapshot import Gone, Visibility
from streams.ledger.books import Books
from streams.ledger.fold import News, fold
from streams.ledger.payment_state import PaymentState, payment_state
from tests.builders.ledger import folded
from tests.builders.records import a_client, a_payment, a_record, an_invoice

INVOICE = ObjectKind.INVOICE
PAYMENT = ObjectKind.PAYMENT


def test_only_what_is_strictly_older_is_old_news() -> None:
    newer, older = a_record(an_invoice(), at=2), a_record(an_invoice(), at=1)

    books, said = folded(newer, older, newer)

    assert [it.news for it in said] == [News.NEW, News.OLD, News.SAME]
    assert books.head.revision == 1


def test_money_is_counted_per_currency_and_never_mixed() -> None:
    cad = an_invoice(31, amount="100.00", paid="21.94", currency="CAD")
    usd = an_invoice(32, amount="800.00", currency="USD")

    books, _ = folded(a_record(cad, at=1), a_record(usd, at=2))

    assert books.head.outstanding == {"CAD": "78.06", "USD": "800.00"}
    assert books.head.paid == {"CAD": "21.94"}


def test_a_deleted_invoice_counts_nothing() -> None:
    books, _ = folded(a_record(an_invoice(), at=1), a_record(an_invoice(visibility=Visibility.DELETED), at=2))

    assert (books.head.counted, books.head.open, books.head.outstanding) == (0, 0, {})


def test_an_archived_invoice_counts_as_ever() -> None:
    books, _ = folded(a_record(an_invoice(visibility=Visibility.ARCHIVED), at=1))

    assert books.head.outstanding == {"CAD": "100.00"}


def test_a_draft_is_nobody_s_debt() -> None:
    books, _ = folded(a_record(an_invoice(status="draft"), at=1))

    assert (books.head.counted, books.head.outstanding) == (0, {})


def test_an_invoice_that_vanished_keeps_its_facts_whichever_word_came_first() -> None:
    shown = a_record(an_invoice(), at=1)
    gone = a_record(Gone(), at=2, kind=INVOICE, number=31, client=7)

    for records in ((shown, gone), (gone, shown)):
        books, _ = folded(*records)
        page = books.invoice(31)
        assert payment_state(page) is PaymentState.VOID
        assert page.facts
        assert books.head.counted == 0


def test_an_invoice_that_came_back_counts_again() -> None:
    gone = a_record(Gone(), at=2, kind=INVOICE, number=31, client=7)

    books, _ = folded(a_record(an_invoice(), at=1), gone, a_record(an_invoice(), at=3))

    assert books.head.outstanding == {"CAD": "100.00"}


def test_an_invoice_that_went_to_another_client_is_no_longer_ours_to_count() -> None:
    moved = a_record(Gone(moved_to=ClientId(8)), at=2, kind=INVOICE, number=31, client=7)

    books, said = folded(a_record(an_invoice(), at=1), moved)

    assert books.head.counted == 0
    assert said[-1].news is News.NEW


def test_a_payment_that_moved_concerns_the_invoice_it_left_too() -> None:
    here = a_payment(501, invoice=31)
    there = a_payment(501, invoice=32)
    paid = [a_record(an_invoice(it, paid="100.00"), at=it) for it in (31, 32)]

    books, said = folded(*paid, a_record(here, at=40), a_record(there, at=41))

    assert said[-1].invoices == (32, 31)
    assert books.invoice(31).payments == {}
    assert books.invoice(32).payments == {"501": "2026-10-20"}


def test_a_deleted_payment_takes_its_day_along() -> None:
    early, late = a_payment(501, paid_on=date(2026, 10, 1)), a_payment(502, paid_on=date(2026, 10, 9))
    deleted = a_payment(502, paid_on=date(2026, 10, 9), visibility=Visibility.DELETED)
    invoice = a_record(an_invoice(paid="100.00"), at=1)

    before, _ = folded(invoice, a_record(early, at=2), a_record(late, at=3))
    after, _ = folded(invoice, a_record(early, at=2), a_record(late, at=3), a_record(deleted, at=4))

    assert before.head.last_payment == "2026-10-09"
    assert after.head.last_payment == "2026-10-01"


def test_the_day_of_a_refund_is_none_of_a_payment() -> None:
    paid, refund = a_payment(501, paid_on=date(2026, 10, 1)), a_payment(502, amount="-40.00")
    invoice = a_record(an_invoice(paid="60.00"), at=1)

    books, _ = folded(invoice, a_record(paid, at=2), a_record(refund, at=3))
    reduced, _ = folded(invoice, a_record(paid, at=2), a_record(a_payment(501, amount="-1.00"), at=3))

    assert books.head.last_payment == "2026-10-01"
    assert reduced.head.last_payment == ""


def test_a_payment_may_come_before_its_invoice() -> None:
    books, _ = folded(a_record(a_payment(), at=1), a_record(an_invoice(paid="100.00"), at=2))

    assert books.head.last_payment == "2026-10-20"
    assert [*books.invoices()] == [31]


def test_a_payment_that_vanished_before_it_was_seen_stays_away() -> None:
    gone = a_record(Gone(), at=5, kind=PAYMENT, number=501, client=7)

    books, said = folded(gone, a_record(a_payment(), at=1), a_record(an_invoice(paid="100.00"), at=2))

    assert books.invoice(31).payments == {}
    assert said[1].news is News.NEW


def test_a_new_name_is_told_from_an_old_one() -> None:
    books, said = folded(
        a_record(a_client(organization="Acme"), at=1), a_record(a_client(organization="Apex"), at=2)
    )

    assert (said[1].renamed, said[1].renamed_from) == (True, ("Acme",))
    assert books.client.naming == ("Apex",)


def test_ten_thousand_invoices_cost_no_more_than_ten() -> None:
    state: dict[bytes, bytes] = {}
    sizes = []
    for number in range(1, 2001):
        record = a_record(an_invoice(number, outstanding="0.00"), at=number)
        books = Books.opened(state, record.key)
        fold(books, record)
        sizes.append(sum(map(len, books.shelf.changed.values())) + len(books.head.written()))
        books.save()

    assert max(sizes) < 1500
