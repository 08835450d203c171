"""Results in another order than their rows: what shows only later does no harm until then."""

from app.salesforce.wire.wire import Reply, Request
from streams.domain.command import Command
from tests.builders.lanes import all_of, lanes_to
from tests.builders.salesforce import a_field, a_reply, a_sale, an_account
from tests.fakes.salesforce_wire import FIELDS, FakeWire
from tests.fakes.virtual_time import simulate

OURS = [a_field("FreshBooks_Stage__c", length=255), a_field("IsClosed", "boolean")]


def mixed(wire: FakeWire, then: tuple[Command, ...]) -> None:
    """Write `then` with a new worker's lanes, whose first results of two Opportunities come in reverse."""

    async def reversing(request: Request) -> Reply:
        reply = await wire(request)
        if [len(rows) for sobject, rows in wire.upserts if sobject == "Opportunity"] != [1, 2]:
            return reply
        return a_reply(200, reply.json()[::-1]) if "/composite/" in request.url else reply

    async def story() -> None:
        await all_of(lanes_to(wire), an_account(1), a_sale("invoiced"))
        wire.rows["Opportunity", "ACC1:10"] |= {"StageName": "Closed Lost", "IsClosed": True}
        await all_of(lanes_to(reversing), *then)

    simulate(story())


def test_a_row_that_got_the_result_of_a_new_one_keeps_the_stage_that_a_person_set() -> None:
    wire = FakeWire(fields=FIELDS | {"Opportunity": [*FIELDS["Opportunity"], *OURS]})

    mixed(wire, (a_sale("won", version=2), a_sale("invoiced", 11)))

    assert wire.rows["Opportunity", "ACC1:10"]["StageName"] == "Closed Lost"


def test_a_row_that_got_the_result_of_a_new_one_gets_nothing_that_only_new_ones_get() -> None:
    wire = FakeWire(fields=FIELDS | {"Opportunity": [*FIELDS["Opportunity"], *OURS, a_field("NextStep")]})

    mixed(wire, (a_sale("won", version=2, defaults={"NextStep": "Call"}), a_sale("invoiced", 11)))

    assert "NextStep" not in wire.rows["Opportunity", "ACC1:10"]
