"""Before a decision is made one sees which rows would differ, and the books stay as they are."""

from app.mapping.rehearsal import Sort
from app.match.differences import differing
from app.replay.state import Past
from streams.domain.command import SObject
from streams.domain.identity import ClientId
from streams.domain.record import Record
from streams.ledger.joining import enter, share_of, share_version
from tests.builders.joins import a_joined_client
from tests.builders.records import A_CONNECTION, a_client, a_record, an_invoice

SEVEN, EIGHT, NINE = ClientId(7), ClientId(8), ClientId(9)
OWED = "FreshBooks_Outstanding__c"


def pasts(*records: Record) -> dict[ClientId, Past]:
    known = {client: Past(A_CONNECTION, client) for client in (SEVEN, EIGHT, NINE)}
    for record in records:
        known[record.client].learn(record)
    return known


ALL = (
    a_record(a_client(7)),
    a_record(an_invoice(31)),
    a_record(a_client(9)),
    a_record(an_invoice(39, client=9, amount="50.00")),
)


def test_to_join_moves_the_clients_rows_and_adds_its_sums() -> None:
    found = {(it.sobject, it.external_id): it for it in differing(pasts(*ALL), NINE, SEVEN)}

    assert found[SObject.ACCOUNT, "p7rQW5:7"].fields[OWED] == ("CAD 100.00", "CAD 150.00")
    assert found[SObject.ACCOUNT, "p7rQW5:9"].sort is Sort.DROPPED
    assert [*found[SObject.OPPORTUNITY, "p7rQW5:39"].fields] == ["Account"]
    assert (SObject.OPPORTUNITY, "p7rQW5:31") not in found


def test_a_trial_changes_no_books() -> None:
    known = pasts(*ALL)
    before = {client: past.rows() for client, past in known.items()}

    [*differing(known, NINE, SEVEN)]

    assert {client: past.rows() for client, past in known.items()} == before


def test_to_go_from_one_shared_account_to_another_shows_what_the_first_loses() -> None:
    known = pasts(*ALL, a_joined_client(9, 7), a_record(a_client(8)))
    books = known[SEVEN].books()
    enter(books, NINE, share_version(9), share_of(known[NINE].books().head))
    books.save()

    found = {(it.sobject, it.external_id): it for it in differing(known, NINE, EIGHT)}

    assert found[SObject.ACCOUNT, "p7rQW5:7"].fields[OWED] == ("CAD 150.00", "CAD 100.00")
    assert found[SObject.ACCOUNT, "p7rQW5:8"].fields[OWED] == (None, "CAD 50.00")


def test_to_split_is_the_way_back() -> None:
    known = pasts(*ALL, a_joined_client(9, 7))

    found = {(it.sobject, it.external_id): it.sort for it in differing(known, NINE, None)}

    assert found[SObject.ACCOUNT, "p7rQW5:9"] is Sort.ADDED
    assert found[SObject.CONTACT, "p7rQW5:9"] is Sort.CHANGED
