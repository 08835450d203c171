"""Any order, any repeats, any crash: the same rows, and the books add up."""

from collections.abc import Callable, Iterator, Mapping
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.codec import encode
from streams.domain.command import Command
from streams.domain.record import Record
from streams.ledger.books import Books
from streams.ledger.count import count, recount
from streams.ledger.head import Head
from streams.ledger.shelf import Shelf
from streams.steps.translate import Translate
from tests.builders.histories import Snap, a_history, read_on
from tests.builders.records import SETTINGS
from tests.builders.shown import settled
from tests.model import Rows, expected

SEEDS = st.integers(0, 2**32)
DEEDS = st.integers(1, 12)


class Torn(dict[bytes, bytes]):
    """A table that takes so many writes and then dies, as a changelog does whose end was lost."""

    def __init__(self, held: Mapping[bytes, bytes], writes: int) -> None:
        super().__init__(held)
        self.left = writes

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if not self.left:
            raise InterruptedError
        self.left -= 1
        super().__setitem__(key, value)


def translated(records: list[Record], ledger: dict[bytes, bytes]) -> Iterator[Command]:
    step = Translate(ledger, SETTINGS)
    for record in records:
        yield from (it for it in step(record) if isinstance(it, Command))


def shuffled(records: list[Record], random: Random) -> list[Record]:
    """Return the records in any order, some of them again and again."""
    repeats = random.choices(records, k=random.randrange(len(records) + 1))
    return random.sample([*records, *repeats], len(records) + len(repeats))


def below(random: Random) -> Callable[[int], int]:
    return random.randrange


def model(objects: Mapping[tuple[str, int], Snap], records: list[Record]) -> Rows:
    return expected(objects.values(), read_on(records))


def ours(rows: Rows, wanted: Rows) -> Rows:
    """Return the rows without those of invoices that became drafts again: nobody takes them back."""
    return {name: row for name, row in rows.items() if name in wanted}


@given(SEEDS, DEEDS)
@settings(max_examples=150, deadline=None)
def test_any_order_with_any_repeats_ends_in_the_rows_of_the_model(seed: int, deeds: int) -> None:
    random = Random(seed)
    records, objects = a_history(below(random), deeds)

    rows = settled(translated(shuffled(records, random), {}))

    wanted = model(objects, records)
    assert ours(rows, wanted) == wanted


@given(SEEDS, DEEDS)
@settings(max_examples=60, deadline=None)
def test_the_same_log_gives_the_same_bytes(seed: int, deeds: int) -> None:
    random = Random(seed)
    records, _ = a_history(below(random), deeds)
    log = shuffled(records, random)

    once, again = ([encode(it) for it in translated(log, {})] for _ in range(2))

    assert once == again


@given(SEEDS, DEEDS)
@settings(max_examples=60, deadline=None)
def test_reading_a_log_once_more_changes_no_row_and_no_book(seed: int, deeds: int) -> None:
    random = Random(seed)
    records, _ = a_history(below(random), deeds)
    ledger: dict[bytes, bytes] = {}
    rows = settled(translated(records, ledger))
    before = dict(ledger)

    again = [*translated(shuffled(records, random), ledger)]

    assert settled(again).items() <= rows.items()
    assert ledger == before


@given(SEEDS, DEEDS)
@settings(max_examples=60, deadline=None)
def test_the_sums_are_those_of_a_count_from_nothing(seed: int, deeds: int) -> None:
    random = Random(seed)
    records, _ = a_history(below(random), deeds)
    ledger: dict[bytes, bytes] = {}
    [*translated(shuffled(records, random), ledger)]
    books = Books.opened(ledger, "acme:7")
    head, shelf = books.head, Shelf({}, b"", b"")
    recounted = Head(head.revision, head.invoices, day=head.day, aged_by=head.aged_by)

    for invoice in books.invoices():
        recount(shelf, recounted, invoice, None, count(books.invoice(invoice)))

    assert Head.read(recounted.written()) == head


@given(SEEDS, DEEDS)
@settings(max_examples=150, deadline=None)
def test_a_crash_between_any_two_writes_loses_no_row(seed: int, deeds: int) -> None:
    random = Random(seed)
    records, objects = a_history(below(random), deeds)
    log = shuffled(records, random)
    kept: list[Command] = []
    ledger: dict[bytes, bytes] = {}
    done = 0
    while done < len(log):
        torn = Torn(ledger, random.randrange(12))
        upto = random.randint(done, len(log))
        try:
            written = [*translated(log[done:upto], torn)]
        except InterruptedError:
            written = []  # the changelog came through in part, the commands did not
        else:
            if random.random() < 0.5:
                kept += written
                done = upto
        ledger = dict(torn)

    rows = settled(kept)

    wanted = model(objects, records)
    assert ours(rows, wanted) == wanted
