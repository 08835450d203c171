"""Joined books: what each adds, what all come to, and that the newest word stands."""

from decimal import Decimal

from streams.domain.joined import Share
from streams.domain.money import Money
from streams.ledger.books import Books
from streams.ledger.joining import enter, share_of, share_version, together
from tests.builders.joins import a_joined_client
from tests.builders.ledger import folded
from tests.builders.records import a_client, a_record, an_invoice

OWED = (Money(amount=Decimal("50.00"), currency="CAD"),)
CAD_50 = Share(outstanding=OWED, counted=1, open=1, numbers=((20, "B"),))


def books() -> Books:
    """Return the books of client 7, who owes 100 of invoice 31."""
    it, _ = folded(a_record(a_client(7)), a_record(an_invoice(31)))
    return it


def test_the_sums_of_a_shared_account_are_those_of_all_who_share_it() -> None:
    it = books()
    usd = Share(outstanding=(Money(amount=Decimal("1.00"), currency="USD"),), counted=2, open=1, moneyed=1)
    enter(it, 9, share_version(1), CAD_50)
    enter(it, 8, share_version(4), usd)

    head = together(it)

    assert head.outstanding == {"CAD": "150.00", "USD": "1.00"}
    assert (head.counted, head.open, head.moneyed) == (4, 3, 1)


def test_books_that_nobody_shares_are_as_they_are() -> None:
    it = books()

    assert together(it) is it.head


def test_open_invoices_are_listed_by_number_while_all_together_are_few() -> None:
    it = books()
    enter(it, 9, share_version(1), CAD_50)
    few = together(it)
    enter(it, 8, share_version(1), CAD_50.model_copy(update={"open": 99}))

    assert few.numbers == [(20, "B"), (31, "00031")]
    assert (together(it).open, together(it).numbers) == (101, [])


def test_the_newest_invoice_and_the_last_payment_are_of_whoever_has_them() -> None:
    it = books()
    later = Share(counted=1, last_payment="2026-11-01", latest=("2026-11-02", 20, "B"))
    enter(it, 9, share_version(1), later)

    head = together(it)

    assert (head.last_payment, head.latest) == ("2026-11-01", [("2026-11-02", 20, "B")])


def test_an_older_word_of_a_joined_client_changes_nothing() -> None:
    it = books()
    enter(it, 9, share_version(10), Share(ended=True))

    news = enter(it, 9, share_version(9), CAD_50)

    assert not news
    assert together(it).outstanding == {"CAD": "100.00"}


def test_the_share_of_books_added_to_none_gives_their_sums_again() -> None:
    it, _ = folded(a_record(a_client(7)))
    other = books()

    enter(it, 9, share_version(1), share_of(other.head))

    assert together(it).outstanding == other.head.outstanding
    assert together(it).latest == [tuple(other.head.latest[-1])]


def test_what_was_decided_earlier_undoes_nothing_later() -> None:
    it, said = folded(a_joined_client(7, 8, at=5), a_joined_client(7, None, at=3))

    assert it.client.home == 8
    assert [each.moved for each in said] == [True, False]


def test_whose_account_was_shared_before_is_remembered_though_there_were_several() -> None:
    it, _ = folded(*(a_joined_client(7, to, at=at) for at, to in enumerate((8, 9, None, 8), 1)))

    assert (it.client.home, it.client.former) == (8, [8, 9])
