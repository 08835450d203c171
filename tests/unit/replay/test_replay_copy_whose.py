"""Whose records go into another org."""

from hypothesis import given
from hypothesis import strategies as st

from app.replay.whose import Whose
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.record import Record
from streams.domain.scope import Scope
from streams.domain.snapshot import Gone
from tests.builders.joins import a_joined_client, joined
from tests.builders.records import ACME, a_client, a_payment, a_record, an_invoice

OLD = [a_joined_client(7, 6, at=0), a_record(an_invoice(31, client=7), at=1)]
WENT = a_record(Gone(moved_to=ClientId(8)), at=3, kind=ObjectKind.INVOICE, number=31, client=7)
NEW = [a_record(a_client(8), at=2), a_record(an_invoice(31, client=8), at=3)]
OTHER = a_record(an_invoice(32, client=8), at=4)
HISTORY = (*OLD, WENT, *NEW, OTHER)


def whose(only: str, records: tuple[Record, ...] = HISTORY) -> Whose:
    found = Whose(Scope.of(ACME, only))
    for record in records:
        found.see(record)
    return found


def going(found: Whose, records: tuple[Record, ...] = HISTORY) -> list[Record]:
    return [record for record in records if found.goes(record, found.clients)]


@given(st.permutations(HISTORY))
def test_an_invoice_that_moved_brings_its_client_of_now_and_not_the_former_one(order: list[Record]) -> None:
    found = whose("invoice:31", tuple(order))

    assert found.clients == {8}
    assert found.joins == {}
    assert going(found) == [WENT, *NEW]


def test_an_invoice_that_came_back_is_its_first_clients() -> None:
    back = a_record(an_invoice(31, client=7), at=5)
    gone = a_record(Gone(moved_to=ClientId(7)), at=5, kind=ObjectKind.INVOICE, number=31, client=8)

    found = whose("invoice:31", (*HISTORY, back, gone))

    assert (found.clients, found.joins) == ({7}, {7: joined(6, at=0)})


def test_an_invoice_that_moved_and_was_deleted_then_is_the_last_clients() -> None:
    deleted = a_record(Gone(), at=6, kind=ObjectKind.INVOICE, number=31, client=8)

    assert whose("invoice:31", (*HISTORY, deleted)).clients == {8}


def test_an_invoice_takes_its_payments_along() -> None:
    payment = a_record(a_payment(invoice=31, client=8), at=7)

    assert payment in going(whose("invoice:31", (*HISTORY, payment)), (*HISTORY, payment))


def test_what_became_of_a_payment_goes_with_its_invoice_though_it_does_not_name_it_any_more() -> None:
    payment = a_record(a_payment(501, invoice=31, client=8), at=7)
    gone = a_record(Gone(), at=8, kind=ObjectKind.PAYMENT, number=501, client=8)
    other = a_record(Gone(), at=8, kind=ObjectKind.PAYMENT, number=502, client=8)
    history = (*HISTORY, payment, gone, other)

    assert going(whose("invoice:31", history), history) == [WENT, *NEW, payment, gone]


def test_of_a_whole_connection_everything_goes() -> None:
    found = whose("")

    assert found.clients == {7, 8}
    assert going(found) == [*HISTORY]
    assert [it for it in HISTORY if found.goes(it, {ClientId(8)})] == [*NEW, OTHER]


def test_nothing_goes_of_an_invoice_whose_client_is_left_out() -> None:
    found = whose("invoice:31")

    assert not [it for it in HISTORY if found.goes(it, set())]
