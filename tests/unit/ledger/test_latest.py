"""The newest invoice that counts, though invoices are deleted, dated back and turned into drafts."""

from random import Random

from streams.domain.snapshot import Visibility
from streams.ledger.books import Books
from streams.ledger.head import Head
from streams.ledger.latest import AT_HAND, Entry, issue, withdraw
from tests.builders.ledger import folded
from tests.builders.records import a_record, an_invoice


def newest(books: Books) -> Entry:
    day, invoice, number = books.head.latest[-1]
    return day, invoice, number


def test_the_newest_is_the_newest_of_those_that_still_count() -> None:
    random, head = Random(7), Head()
    counted: set[Entry] = set()

    for number in range(2_000):
        if counted and random.random() < 0.5:
            entry = random.choice([max(counted), random.choice(sorted(counted))])
            counted.remove(entry)
            head.counted -= 1
            withdraw(head, entry, lambda: counted)
        else:
            entry = (f"2026-11-{random.randrange(1, 29):02}", number, f"{number:04}")
            counted.add(entry)
            head.counted += 1
            issue(head, entry)
        assert (head.latest[-1] if head.latest else None) == max(counted, default=None)
        assert len(head.latest) <= AT_HAND


def test_the_newest_invoice_that_is_deleted_leaves_the_place_to_the_one_before() -> None:
    many = [a_record(an_invoice(number), at=number) for number in range(1, 31)]
    deleted = [
        a_record(an_invoice(number, visibility=Visibility.DELETED), at=100 - number)
        for number in range(30, 10, -1)
    ]

    books, _ = folded(*many, *deleted)

    assert newest(books) == ("2026-10-01", 10, "00010")


def test_of_one_day_s_invoices_the_one_written_last_is_the_newest() -> None:
    books, _ = folded(a_record(an_invoice(32), at=1), a_record(an_invoice(31), at=2))

    assert newest(books) == ("2026-10-01", 32, "00032")


def test_an_invoice_with_another_number_is_called_by_it() -> None:
    renumbered = an_invoice(31).model_copy(update={"number": "B-1"})

    books, _ = folded(a_record(an_invoice(31), at=1), a_record(renumbered, at=2))

    assert len(books.head.latest) == 1
    assert newest(books) == ("2026-10-01", 31, "B-1")
