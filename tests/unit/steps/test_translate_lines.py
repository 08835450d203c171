"""Lines of invoices on their way to Opportunities: only where asked for, only as of the newest state."""

import pytest

from streams.codec import decode, encode
from streams.domain.command import Command, Items, SObject
from streams.domain.identity import ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.mapping.flaws import BadMapping
from streams.mapping.reading import read
from streams.mapping.row import ITEMS
from streams.steps.translate import Translate
from tests.builders.itemised import a_line, itemising, with_lines
from tests.builders.joins import a_joined_client
from tests.builders.records import A_CONNECTION, ACME, SETTINGS, a_client, a_payment, a_record, an_invoice

ASKED = {ACME: A_CONNECTION.model_copy(update={"mapping": itemising()})}


class Desk:
    """A translate step of a connection that wants lines."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}
        self.step = Translate(self.table, ASKED)

    def tell(self, *records: Record) -> list[Command]:
        for record in records:
            self.said = [*self.step(record)]
        return [it for it in self.said if isinstance(it, Command)]


def lines_of(commands: list[Command]) -> list[str]:
    """Return the lines of the one row of lines, as quantity at price."""
    (row,) = (it for it in commands if it.sobject is SObject.LINES)
    found = row.fields[ITEMS]
    assert isinstance(found, Items)
    return [f"{it.quantity} at {it.price}" for it in found.items]


def of_objects(commands: list[Command]) -> list[str]:
    return [it.sobject.value for it in commands]


def test_nobody_who_did_not_ask_gets_lines_or_keeps_them() -> None:
    table: dict[bytes, bytes] = {}
    step = Translate(table, SETTINGS)

    said = [*step(a_record(with_lines("100.00", a_line(description="a secret design"))))]

    assert SObject.LINES.value not in of_objects([it for it in said if isinstance(it, Command)])
    assert not any(b"secret" in value for value in table.values())


def test_the_lines_of_an_invoice_follow_its_opportunity() -> None:
    commands = Desk().tell(a_record(a_client()), a_record(with_lines("40.00", a_line(1, cost="40.00")), at=1))

    assert of_objects(commands) == ["Account", "Opportunity", "OpportunityLineItem", "Order"]
    assert lines_of(commands) == ["1 at 40.00"]
    assert commands[2].external_id == commands[1].external_id


def test_a_command_for_lines_is_read_as_it_was_written() -> None:
    commands = Desk().tell(a_record(with_lines("125.00", a_line(1, quantity="3.125", cost="40.00"))))

    for command in commands:
        assert decode(Command, encode(command)) == command


def test_an_invoice_read_without_its_lines_erases_none_and_says_nothing_of_them() -> None:
    desk = Desk()
    desk.tell(a_record(with_lines("40.00", a_line(1, cost="40.00"))))

    unknown = desk.tell(a_record(an_invoice(amount="50.00"), at=1))
    known = desk.tell(a_record(with_lines("60.00", a_line(1, cost="60.00")), at=2))

    assert SObject.LINES.value not in of_objects(unknown)
    assert lines_of(known) == ["1 at 60.00"]


def test_older_lines_that_come_late_change_nothing() -> None:
    desk = Desk()
    desk.tell(a_record(with_lines("60.00", a_line(1, cost="60.00")), at=2))

    late = desk.tell(a_record(with_lines("40.00", a_line(1, cost="40.00")), at=1))

    assert late == []


def test_a_payment_leaves_the_lines_as_they_are() -> None:
    desk = Desk()
    before = desk.tell(a_record(with_lines("100.00", a_line(1))))

    after = desk.tell(a_record(a_payment(), at=1))

    rows = [next(it for it in each if it.sobject is SObject.LINES) for each in (before, after)]
    assert rows[0].content == rows[1].content


def test_told_again_after_a_crash_the_lines_are_the_same_to_the_byte() -> None:
    desk, record = Desk(), a_record(with_lines("100.00", a_line(1)))
    first = desk.tell(record)

    again = desk.tell(record)

    assert [encode(it) for it in again] == [encode(it) for it in first]


def test_lines_asked_for_later_come_with_the_next_replay_of_the_log() -> None:
    desk, record = Desk(), a_record(with_lines("100.00", a_line(1)))
    [*Translate(desk.table, SETTINGS)(record)]

    replayed = desk.tell(record)

    assert lines_of(replayed) == ["1 at 100.00"]
    assert desk.tell(record) == replayed


def test_a_deleted_invoice_keeps_the_lines_that_it_had() -> None:
    desk = Desk()
    desk.tell(a_record(with_lines("100.00", a_line(1))))

    gone = desk.tell(a_record(Gone(), at=1, kind=ObjectKind.INVOICE, number=31, client=7))

    assert lines_of(gone) == ["1 at 100.00"]


def test_an_invoice_that_is_a_draft_again_leaves_the_lines_as_its_opportunity_is_left() -> None:
    desk = Desk()
    desk.tell(a_record(with_lines("100.00", a_line(1))))

    drafted = with_lines("80.00", a_line(1, cost="80.00")).model_copy(update={"status": "draft"})

    assert not {"Opportunity", SObject.LINES.value} & {*of_objects(desk.tell(a_record(drafted, at=1)))}


def test_a_client_that_comes_to_share_an_account_sends_no_lines_again_they_hang_on_their_opportunity() -> (
    None
):
    desk = Desk()
    its = with_lines("100.00", a_line(1)).model_copy(update={"client": 9})
    desk.tell(a_record(a_client(9)), a_record(its))

    joined = desk.tell(a_joined_client(9, 7))

    assert "Opportunity" in of_objects(joined)
    assert SObject.LINES.value not in of_objects(joined)


def test_a_new_name_of_the_client_sends_no_lines() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(with_lines("100.00", a_line(1)), at=1))

    renamed = desk.tell(a_record(a_client(organization="Oak"), at=2))

    assert "Opportunity" in of_objects(renamed)
    assert SObject.LINES.value not in of_objects(renamed)


def test_revisions_are_the_same_whether_lines_are_asked_for_or_not() -> None:
    records = (a_record(with_lines("100.00", a_line(1))), a_record(with_lines("40.00", a_line(1)), at=1))
    asked, unasked = Desk(), Desk()
    unasked.step = Translate(unasked.table, SETTINGS)

    for desk in (asked, unasked):
        desk.tell(*records)
    unasked.step = Translate(unasked.table, ASKED)

    versions = [{it.version for it in desk.tell(records[1])} for desk in (asked, unasked)]
    assert versions[0] == versions[1]


@pytest.mark.parametrize(
    ("said", "flaw"),
    [
        ("[opportunity.lines]\nwrite = 1", "is neither true nor false"),
        ("[opportunity.lines]\nwritten = true", "did you mean write?"),
        ("[opportunity]\nlines = true", "is no table"),
    ],
)
def test_a_wish_for_lines_that_is_none_is_told(said: str, flaw: str) -> None:
    text = itemising().replace("[opportunity.lines]", "# ", 1)
    wrong = text.replace("[opportunity]", said, 1) if "[opportunity]" in said else f"{text}\n{said}\n"

    with pytest.raises(BadMapping) as caught:
        read(wrong)

    assert flaw in str(caught.value)


def test_a_wish_may_be_taken_back_without_taking_out_the_table() -> None:
    assert read(itemising()).lines
    assert not read(itemising().replace("[opportunity.lines]", "[opportunity.lines]\nwrite = false", 1)).lines
