"""A client's rows at a moment are those that the same records would have derived then."""

from app.mapping.rehearsal import Sort, compared
from app.replay.state import Past
from streams.domain.command import SObject
from streams.domain.identity import ClientId
from tests.builders.records import A_CONNECTION, a_client, a_record, an_invoice
from tests.builders.shown import shown


def test_rows_are_those_of_what_was_known_so_far() -> None:
    past = Past(A_CONNECTION, ClientId(7))
    assert past.rows() == {}

    past.learn(a_record(a_client(7)))
    before = past.rows()
    past.learn(a_record(an_invoice(31, client=7), at=1))
    past.learn(a_record(a_client(7, organization="Renamed"), at=2))

    assert [name for name, _ in before] == [SObject.ACCOUNT, SObject.CONTACT]
    assert shown(before[SObject.ACCOUNT, "p7rQW5:7"].fields)["Name"] == "Acme"
    assert shown(past.rows()[SObject.ACCOUNT, "p7rQW5:7"].fields)["Name"] == "Renamed"
    sorts = {(it.sobject, it.sort) for it in compared(before, past.rows())}
    assert {(SObject.ACCOUNT, Sort.CHANGED), (SObject.OPPORTUNITY, Sort.ADDED)} <= sorts


def test_a_late_arrival_changes_nothing() -> None:
    past = Past(A_CONNECTION, ClientId(7))
    past.learn(a_record(a_client(7, organization="Renamed"), at=2))
    before = past.rows()

    past.learn(a_record(a_client(7), at=1))

    assert past.rows() == before
