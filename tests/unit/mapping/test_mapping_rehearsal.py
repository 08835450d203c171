"""What a rehearsal tells: each row that would differ, field by field, and what it costs."""

from app.mapping.rehearsal import Difference, Rehearsal, Sort
from app.mapping.shown import lines, plain_difference, plain_tally, summary
from streams.domain.command import SObject
from streams.domain.record import Record
from streams.mapping.reading import default_text
from tests.builders.itemised import a_line, itemising, with_lines
from tests.builders.mappings import a_mapping, rules_of
from tests.builders.records import a_client, a_record, an_invoice

LOG = [a_record(a_client()), a_record(an_invoice(), at=1), a_record(an_invoice(paid="20.00"), at=2)]


def rehearsed(old: str, new: str, log: list[Record] | None = None) -> tuple[list[Difference], Rehearsal]:
    rehearsal = Rehearsal(rules_of(old), rules_of(new))
    for record in LOG if log is None else log:
        rehearsal.learn(record)
    return [*rehearsal.differences()], rehearsal


def test_the_same_rows_are_no_difference() -> None:
    found, rehearsal = rehearsed("", default_text() + "# only a remark\n")

    assert found == []
    assert (rehearsal.tally.clients, rehearsal.tally.rows, rehearsal.tally.calls) == (1, 4, 0)


def test_a_changed_field_is_told_with_what_it_was_and_what_it_would_be() -> None:
    (found,), rehearsal = rehearsed("", a_mapping(Phone='"client.fax"', account="X__c = 5"))

    assert [*lines(found)] == [
        "Account p7rQW5:7: changed",
        "  Phone: '+1 555 0100' → (cleared)",
        "  X__c: (left alone) → 5",
    ]
    assert plain_difference(found) == {
        "object": "Account",
        "external_id": "p7rQW5:7",
        "becomes": "changed",
        "fields": {
            "Phone": {"from": "+1 555 0100", "to": None},
            "X__c": {"from": {"left": "alone"}, "to": "5"},
        },
    }
    assert [*summary(rehearsal.tally)] == [
        "Account: 1 changed",
        "1 of 4 rows of 1 client differ: 1 API call",
    ]


def test_only_the_newest_state_of_an_object_counts() -> None:
    (found,), _ = rehearsed("", a_mapping(Amount='"invoice.paid"'))

    assert [*lines(found)] == ["Opportunity p7rQW5:31: changed", "  Amount: 100.00 → 20.00"]


def test_rows_that_come_and_rows_that_are_written_no_longer_are_told_apart() -> None:
    log = [*LOG, a_record(an_invoice(32, status="draft"), at=3)]
    no_contact = a_mapping(when="false", drafts="true")

    found, rehearsal = rehearsed("", no_contact, log)

    assert {(it.sobject, it.sort) for it in found} == {
        (SObject.CONTACT, Sort.DROPPED),
        (SObject.OPPORTUNITY, Sort.ADDED),
        (SObject.ORDER, Sort.ADDED),
    }
    assert rehearsal.tally.calls == 2, "what is written no longer costs nothing"
    assert "  StageName: 'Proposal/Price Quote'" in [*lines(found[-2])]


def test_calls_are_counted_per_object_and_two_hundred_rows() -> None:
    log = [a_record(a_client(number)) for number in range(1, 202)] + [a_record(an_invoice(client=1), at=9)]

    _, rehearsal = rehearsed("", a_mapping(account="X__c = 1", opportunity="X__c = 1"), log)

    assert plain_tally(rehearsal.tally) == {
        "clients": 201,
        "rows": 404,
        "differing": [
            {"object": "Account", "becomes": "changed", "rows": 201},
            {"object": "Opportunity", "becomes": "changed", "rows": 1},
        ],
        "calls": 3,
        "failures": {},
        "present_failures": {},
        "unreadable": 0,
    }


def test_clients_for_whom_the_new_mapping_fails_are_counted_by_its_place() -> None:
    fails_for_one_invoice = a_mapping(account='X__c = "{{ 6 / (sums.invoice_count - 1) }}"')
    log = [*LOG, a_record(a_client(8)), a_record(a_client(9))]

    found, rehearsal = rehearsed("", fails_for_one_invoice, log)

    assert [it.external_id for it in found] == ["p7rQW5:8", "p7rQW5:9"]
    assert rehearsal.tally.failures == {"mapping: account.fields.X__c: a division by zero": 1}
    assert "fails for 1 client: mapping: account.fields.X__c: a division by zero" in [
        *summary(rehearsal.tally)
    ]


def test_a_mapping_that_fails_at_present_can_be_mended_by_a_rehearsed_one() -> None:
    fails = a_mapping(account='X__c = "{{ 6 / (sums.invoice_count - 1) }}"')

    found, rehearsal = rehearsed(fails, "")

    assert {it.sort for it in found} == {Sort.ADDED}
    assert [*summary(rehearsal.tally)][-1] == (
        "the present one fails for 1 client: mapping: account.fields.X__c: a division by zero"
    )


def test_records_that_cannot_be_read_are_counted() -> None:
    rehearsal = Rehearsal(rules_of(""), rules_of(""))

    rehearsal.learn(None)

    assert [*rehearsal.differences()] == []
    assert "1 record of the log could not be read" in [*summary(rehearsal.tally)]


def test_lines_that_would_be_asked_for_are_shown_with_quantity_and_price() -> None:
    log = [a_record(a_client()), a_record(with_lines("120.00", a_line(1, "Design", "3", "40.00")), at=1)]

    (found,), added = rehearsed("", itemising(), log)
    (dropped,), taken_out = rehearsed(itemising(), "", log)

    assert (found.sobject, found.sort, dropped.sort) == (SObject.LINES, Sort.ADDED, Sort.DROPPED)
    assert "  OpportunityLineItems: 3 Design at 40.00" in [*lines(found)]
    assert added.tally.calls == 2 + 1, "two looks, then the lines"
    assert taken_out.tally.calls == 0
