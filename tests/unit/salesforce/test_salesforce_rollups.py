"""However many invoices move, the Account's sums are written once."""

import asyncio
from collections import Counter

from streams.domain.command import Command
from streams.steps.translate import Translate
from tests.builders.lanes import lanes_to
from tests.builders.records import SETTINGS, a_client, a_record, an_invoice
from tests.builders.salesforce import a_field
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate


def test_fifty_invoices_that_move_at_once_are_one_write_of_their_account() -> None:
    records = [a_record(a_client()), *(a_record(an_invoice(number), at=number) for number in range(1, 51))]
    step, wire = Translate({}, SETTINGS), FakeWire()
    wire.fields["Account"] = [*wire.fields["Account"], a_field("FreshBooks_Outstanding__c")]
    commands = [it for record in records for it in step(record) if isinstance(it, Command)]

    async def story() -> None:
        lanes = lanes_to(wire)
        await asyncio.gather(*(lanes.write(command) for command in commands))

    simulate(story())

    written = Counter(sobject for sobject, rows in wire.upserts for _ in rows)
    assert written == {"Account": 1, "Contact": 1, "Opportunity": 50}
    assert wire.rows["Account", "p7rQW5:7"]["FreshBooks_Outstanding__c"] == "CAD 5000.00"
