"""Clients that share an Account: rows under that one, sums told to it, nothing lost by a crash."""

from collections.abc import Iterable, Iterator

from streams.domain.audit import AuditEntry
from streams.domain.command import BY_CLIENT, Command, Lookup, SObject
from streams.domain.joined import Share
from streams.domain.record import Record
from streams.domain.snapshot import Visibility
from streams.mapping.row import ACCOUNT_KEY
from streams.steps.translate import Translate
from tests.builders.joins import a_joined_client
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME, SETTINGS, a_client, a_record, an_invoice

SEVEN, NINE = "p7rQW5:7", "p7rQW5:9"
NINES = an_invoice(39, client=9, amount="50.00")


class Desk:
    """A translate step whose words to its own topic are read, as the log has them."""

    def __init__(self, mapping: str = "") -> None:
        self.table: dict[bytes, bytes] = {}
        settings = SETTINGS if not mapping else {ACME: A_CONNECTION.model_copy(update={"mapping": mapping})}
        self.step = Translate(self.table, settings)
        self.commands: list[Command] = []
        self.told: list[Record] = []

    def tell(self, *records: Record) -> list[Command]:
        """Read the records, and what they lead to in other books; return the commands of all."""
        self.commands, self.told = [], []
        for record in records:
            self._read(record)
        return self.commands

    def _read(self, record: Record) -> None:
        for said in self.step(record):
            match said:
                case Command():
                    self.commands.append(said)
                case Record():
                    self.told.append(said)
                    self._read(said)
                case AuditEntry():
                    self.entry = said


def names(commands: Iterable[Command]) -> Iterator[tuple[str, str, bool]]:
    """Yield object, external id, and whether the row is only found."""
    for it in commands:
        yield it.sobject.value, it.external_id, it.external_id_field == BY_CLIENT


def sums(commands: Iterable[Command]) -> dict[str, object]:
    """Return what is outstanding on each Account by the last command that says so."""
    accounts = (it for it in commands if it.sobject is SObject.ACCOUNT and OWED in it.fields)
    return {it.external_id: it.fields[OWED] for it in accounts}


OWED = "FreshBooks_Outstanding__c"


def two_clients() -> Desk:
    desk = Desk()
    desk.tell(a_record(a_client(7)), a_record(an_invoice(31)), a_record(a_client(9)), a_record(NINES))
    return desk


def test_a_client_that_comes_to_share_an_account_has_all_its_rows_sent_there() -> None:
    desk = two_clients()

    commands = desk.tell(a_joined_client(9, 7))

    own = [it for it in commands if it.client == 9 and it.sobject is not SObject.ORDER]
    assert [*names(own)] == [
        ("Account", NINE, True),
        ("Account", SEVEN, True),
        ("Contact", NINE, False),
        ("Opportunity", "p7rQW5:39", False),
    ]
    links = {it.fields["Account"] for it in own if "Account" in it.fields}
    assert links == {Lookup(external_id_field=ACCOUNT_KEY, external_id=SEVEN)}


def test_the_account_that_it_leaves_shows_no_more_money_and_keeps_its_name() -> None:
    left, *_ = two_clients().tell(a_joined_client(9, 7))

    assert left.fields[OWED] is None
    assert "Name" not in left.fields
    assert set(left.fields.values()) == {None}


def test_the_shared_account_shows_the_sums_of_both_at_once_and_after_each_change() -> None:
    desk = two_clients()

    at_once = desk.tell(a_joined_client(9, 7))
    later = desk.tell(a_record(an_invoice(40, client=9, amount="7.00"), at=2))

    assert sums(at_once)[SEVEN] == "CAD 150.00"
    assert sums(later) == {SEVEN: "CAD 157.00"}


def test_a_share_says_nothing_personal() -> None:
    desk = two_clients()
    desk.tell(a_joined_client(9, 7, organization="Björk"))

    (share,) = (it.snapshot for it in desk.told)

    assert isinstance(share, Share)
    assert "Björk" not in share.model_dump_json()


def test_a_client_that_is_split_off_has_its_own_account_again_and_the_other_only_its_own_sums() -> None:
    desk = two_clients()
    desk.tell(a_joined_client(9, 7))

    commands = desk.tell(a_joined_client(9, None, at=2))

    assert sums(commands) == {NINE: "CAD 50.00", SEVEN: "CAD 100.00"}
    links = {it.fields["Account"] for it in commands if it.client == 9 and "Account" in it.fields}
    assert links == {Lookup(external_id_field=ACCOUNT_KEY, external_id=NINE)}


def test_a_client_that_goes_from_one_shared_account_to_another_is_counted_once() -> None:
    desk = two_clients()
    desk.tell(a_record(a_client(8)), a_joined_client(9, 7))

    commands = desk.tell(a_joined_client(9, 8, at=2))

    assert sums(commands) == {NINE: None, SEVEN: "CAD 100.00", "p7rQW5:8": "CAD 50.00"}


def test_a_decision_that_is_read_again_after_a_crash_says_all_of_it_again() -> None:
    desk = two_clients()
    once = desk.tell(a_joined_client(9, 7))

    again = desk.tell(a_joined_client(9, 7))

    assert [it.id for it in again] == [it.id for it in once]
    assert desk.entry.rule


def test_an_account_that_others_share_names_them_for_the_case_that_it_is_made_anew() -> None:
    desk = two_clients()
    desk.tell(a_joined_client(9, 7))

    commands = desk.tell(a_record(a_client(7, organization="Acme Ltd"), at=3))

    assert [it.members for it in commands if it.sobject is SObject.ACCOUNT] == [(9,)]


def test_a_joined_person_has_a_contact_though_it_would_be_a_person_account_by_itself() -> None:
    desk = Desk(f'{a_mapping()}\n[person_account.fields]\nLastName = "client.contact_last_name"\n')
    desk.tell(a_record(a_client(9, organization="")))

    commands = desk.tell(a_joined_client(9, 7, organization=""))

    assert ("Contact", NINE, False) in [*names(commands)]


def test_a_client_that_freshbooks_deleted_stays_where_it_was_joined() -> None:
    desk = two_clients()
    desk.tell(a_joined_client(9, 7))
    gone = a_joined_client(9, 7, at=5)
    deleted = a_client(9, visibility=Visibility.DELETED)

    commands = desk.tell(gone.model_copy(update={"snapshot": deleted}))

    assert ("Account", SEVEN, True) in [*names(commands)]
    assert NINE not in {it.external_id for it in commands if it.sobject is SObject.ACCOUNT}


def test_the_account_of_a_client_that_freshbooks_deleted_shows_the_sums_of_all_who_share_it() -> None:
    desk = two_clients()
    desk.tell(a_joined_client(9, 7))

    commands = desk.tell(a_record(a_client(7, visibility=Visibility.DELETED), at=5))

    assert sums(commands) == {SEVEN: "CAD 150.00"}


def test_a_share_is_told_again_only_when_it_has_changed_or_its_own_record_is_read_again() -> None:
    desk, renamed = two_clients(), a_joined_client(9, 7, at=3, organization="Renamed")
    desk.tell(a_joined_client(9, 7))
    assert len(desk.told) == 1

    desk.tell(renamed)
    assert desk.told == []
    desk.tell(renamed, a_record(NINES), a_record(a_client(9)))
    assert desk.told == []

    desk.tell(a_joined_client(9, 7))
    assert len(desk.told) == 1


def test_who_comes_back_to_an_account_tells_its_share_though_it_is_the_same_as_before() -> None:
    desk = two_clients()
    desk.tell(a_joined_client(9, 7), a_joined_client(9, None, at=2))

    assert sums(desk.tell(a_joined_client(9, 7, at=3)))[SEVEN] == "CAD 150.00"


def test_what_is_asked_for_the_account_alone_forces_no_invoice() -> None:
    desk = two_clients()

    commands = desk.tell(a_joined_client(9, 7).model_copy(update={"nonce": "0000000000000001"}))

    forced = {it.sobject for it in commands if it.nonce}
    assert forced == {SObject.ACCOUNT, SObject.CONTACT}
