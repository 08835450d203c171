"""Records in, commands out: parents first, and nothing lost that a crash cut off."""

from collections.abc import Iterator

import pytest

from streams.codec import encode
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import Command, SObject, Stage
from streams.domain.errors import Misconfigured
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.mapping.flaws import MappingFailed
from streams.steps.translate import Translate
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME, SETTINGS, a_client, a_payment, a_record, an_invoice


class Desk:
    """A translate step with its table, and what it said of the last record."""

    def __init__(self) -> None:
        self.table: dict[bytes, bytes] = {}
        self.step = Translate(self.table, SETTINGS)

    def tell(self, *records: Record) -> list[Command]:
        for record in records:
            self.said = [*self.step(record)]
        return [it for it in self.said if isinstance(it, Command)]

    @property
    def entry(self) -> AuditEntry:
        last = self.said[-1]
        assert isinstance(last, AuditEntry)
        return last


def names(commands: list[Command]) -> Iterator[tuple[str, str]]:
    for command in commands:
        yield command.sobject.value, command.external_id


def test_a_client_becomes_an_account_then_its_contact() -> None:
    commands = Desk().tell(a_record(a_client()))

    assert [*names(commands)] == [("Account", "p7rQW5:7"), ("Contact", "p7rQW5:7")]


def test_an_invoice_moves_the_account_before_its_opportunity_and_that_before_its_order() -> None:
    commands = Desk().tell(a_record(a_client()), a_record(an_invoice(), at=1))

    its = ("Opportunity", "p7rQW5:31"), ("Order", "p7rQW5:31")
    assert [*names(commands)] == [("Account", "p7rQW5:7"), *its]
    assert [it.version for it in commands] == [2, 2, 2]
    assert commands[0].fields["FreshBooks_Outstanding__c"] == "CAD 100.00"


def test_a_payment_moves_the_opportunity_that_it_pays() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(an_invoice(paid="100.00"), at=1))

    sale, *_ = (it for it in desk.tell(a_record(a_payment(), at=2)) if it.sobject is SObject.OPPORTUNITY)

    assert sale.fields["StageName"] == Stage(phase="won", name="Closed Won")
    assert sale.fields["CloseDate"] == "2026-10-20"


def test_an_invoice_of_a_client_never_seen_has_no_account_to_show_yet() -> None:
    commands = Desk().tell(a_record(an_invoice()))

    assert [*names(commands)] == [("Opportunity", "p7rQW5:31"), ("Order", "p7rQW5:31")]


def test_a_new_name_renames_the_opportunities_and_only_those() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(an_invoice(31), at=1), a_record(an_invoice(32), at=2))

    renamed = desk.tell(a_record(a_client(organization="Apex"), at=3))
    moved = desk.tell(a_record(a_client(organization="Apex", email="new@apex.example"), at=4))

    assert [it.fields["Name"] for it in renamed[2:]] == ["Invoice 00031 - Apex", "Invoice 00032 - Apex"]
    assert [it.sobject for it in moved] == [SObject.ACCOUNT, SObject.CONTACT]


def test_older_news_ends_here_and_is_said_to() -> None:
    desk = Desk()
    desk.tell(a_record(an_invoice(), at=2))
    before = dict(desk.table)

    commands = desk.tell(a_record(an_invoice(), at=1))

    assert commands == []
    assert desk.entry.verdict is Verdict.SUPERSEDED
    assert desk.table == before


def test_an_equal_record_says_the_same_again_byte_for_byte() -> None:
    desk = Desk()
    record = a_record(a_client())
    desk.tell(record)
    first = [encode(it) for it in desk.said]

    desk.tell(record)

    assert [encode(it) for it in desk.said] == first


def test_what_a_renaming_said_is_said_again_by_a_later_record_of_the_client() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(an_invoice(), at=1))
    desk.tell(a_record(a_client(organization="Apex"), at=2))
    later = a_record(a_client(organization="Apex", email="new@apex.example"), at=3)
    desk.tell(later)

    again = desk.tell(later)

    assert ("Opportunity", "p7rQW5:31") in names(again)


def test_an_invoice_that_vanished_is_lost_not_forgotten() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(an_invoice(), at=1))

    commands = desk.tell(a_record(Gone(), at=2, kind=ObjectKind.INVOICE, number=31, client=7))

    assert commands[0].fields["FreshBooks_Outstanding__c"] is None
    assert commands[1].fields["StageName"] == Stage(phase="lost", name="Closed Lost")


def test_an_invoice_that_moved_is_left_to_its_new_client() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(an_invoice(), at=1))
    moved = Gone(moved_to=ClientId(8))

    commands = desk.tell(a_record(moved, at=2, kind=ObjectKind.INVOICE, number=31, client=7))

    assert [*names(commands)] == [("Account", "p7rQW5:7"), ("Opportunity", "p7rQW5:31")]
    assert commands[0].fields["FreshBooks_Outstanding__c"] is None
    assert [it.yields for it in commands] == [False, True]


def test_an_invoice_that_is_away_is_said_to_have_gone_once_though_it_is_read_again_elsewhere() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(an_invoice(), at=1))
    went = [
        a_record(Gone(moved_to=ClientId(8)), at=at, kind=ObjectKind.INVOICE, number=31, client=7)
        for at in (2, 3)
    ]
    (_, once), later = desk.tell(went[0]), desk.tell(went[1])

    _, again = desk.tell(went[1])

    assert [*names(later)] == [("Account", "p7rQW5:7")]
    assert (again.row, again.content) == (once.row, once.content)


def test_a_state_that_comes_late_of_an_invoice_that_is_away_is_said_to_have_gone_too() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(an_invoice(), at=1))
    went = a_record(Gone(moved_to=ClientId(8)), at=3, kind=ObjectKind.INVOICE, number=31, client=7)
    desk.tell(went)

    _, late = desk.tell(a_record(an_invoice(amount="1.00"), at=2))
    _, again = desk.tell(went)

    assert late.yields
    assert again.content == late.content


def test_an_invoice_that_goes_a_second_time_says_so_anew() -> None:
    desk = Desk()
    desk.tell(a_record(a_client()), a_record(an_invoice(), at=1))
    gone = [
        a_record(Gone(moved_to=ClientId(8)), at=at, kind=ObjectKind.INVOICE, number=31, client=7)
        for at in (2, 4)
    ]
    _, first = desk.tell(gone[0])
    desk.tell(a_record(an_invoice(), at=3))

    _, second = desk.tell(gone[1])

    assert second.yields
    assert second.content != first.content


def test_a_demand_for_an_invoice_forces_its_rows_and_not_the_clients() -> None:
    desk = Desk()
    demanding = a_record(an_invoice(), at=1).model_copy(update={"nonce": "0123456789abcdef"})

    commands = desk.tell(a_record(a_client()), demanding)[-3:]

    assert [(it.sobject.value, bool(it.nonce)) for it in commands] == [
        ("Account", False),
        ("Opportunity", True),
        ("Order", True),
    ]


def test_a_whole_record_brings_every_row_of_the_client_though_it_is_old_news() -> None:
    desk = Desk()
    desk.tell(a_record(a_client(), at=5), a_record(an_invoice(31), at=1), a_record(an_invoice(32), at=2))
    whole = a_record(a_client(), at=4).model_copy(update={"whole": True})

    commands = desk.tell(whole)

    its = ["Opportunity", "Order"]
    assert [it.sobject.value for it in commands] == ["Account", "Contact", *its, *its]


def test_a_record_that_no_row_shows_ends_here() -> None:
    desk = Desk()

    commands = desk.tell(a_record(an_invoice(status="draft")))

    assert commands == []
    assert desk.entry.verdict is Verdict.UNCHANGED


def test_the_entry_names_what_followed() -> None:
    desk = Desk()

    commands = desk.tell(a_record(a_client()))

    assert desk.entry.verdict is Verdict.TRANSLATED
    assert desk.entry.caused == tuple(it.id for it in commands)
    assert desk.entry.mapping == commands[0].mapping


def test_what_is_demanded_once_more_is_said_under_an_id_of_its_own() -> None:
    desk, record, said = Desk(), a_record(a_client()), []

    for nonce in ("", "0000000000000001", "0000000000000002", "0000000000000002"):
        commands = desk.tell(record.model_copy(update={"nonce": nonce}))
        said.append((desk.entry.id, tuple(it.id for it in commands)))

    assert (len(dict(said)), said[-1]) == (3, said[-2])


def test_a_record_of_a_connection_that_was_removed_is_a_person_s_matter() -> None:
    step = Translate({}, {})

    with pytest.raises(Misconfigured, match="there is no connection acme"):
        [*step(a_record(a_client()))]


def test_a_crash_that_lost_the_commands_but_kept_the_table_loses_nothing() -> None:
    desk = Desk()
    record = a_record(a_client())
    lost = desk.tell(record)

    told = Translate(dict(desk.table), SETTINGS)(record)

    assert [it for it in told if isinstance(it, Command)] == lost


def test_a_template_that_fails_buries_its_record_and_leaves_the_books_for_another_try() -> None:
    table: dict[bytes, bytes] = {}
    fails = a_mapping(opportunity='X__c = "{{ 1 / (invoice.amount - 77) }}"')
    step = Translate(table, {ACME: A_CONNECTION.model_copy(update={"mapping": fails})})
    record = a_record(an_invoice(amount="77"))

    with pytest.raises(MappingFailed, match=r"opportunity\.fields\.X__c: a division by zero"):
        list(step(record))

    assert table == {}
    mended = Translate(table, SETTINGS)
    assert [*mended(record)][-1] == [*Translate({}, SETTINGS)(record)][-1]


def test_opportunities_that_show_their_client_follow_each_of_its_changes() -> None:
    shows = a_mapping(opportunity='Mail__c = "client.email"')
    step = Translate({}, {ACME: A_CONNECTION.model_copy(update={"mapping": shows})})
    list(step(a_record(a_client())))
    list(step(a_record(an_invoice(), at=1)))

    commands = [
        it for it in step(a_record(a_client(email="new@acme.example"), at=2)) if isinstance(it, Command)
    ]

    assert [*names(commands)][-2] == ("Opportunity", "p7rQW5:31")
    assert commands[-2].fields["Mail__c"] == "new@acme.example"


def test_a_changed_mapping_takes_effect_with_the_next_record_and_under_a_version_of_its_own() -> None:
    settings = dict(SETTINGS)
    step = Translate({}, settings)
    before = next(iter(step(a_record(a_client()))))
    settings[ACME] = A_CONNECTION.model_copy(update={"mapping": a_mapping(account="X__c = true")})

    after = next(iter(step(a_record(a_client()))))

    assert isinstance(before, Command)
    assert isinstance(after, Command)
    assert (before.fields | {"X__c": True}) == after.fields
    assert before.mapping != after.mapping
    assert before.version == after.version
    assert before.content != after.content
