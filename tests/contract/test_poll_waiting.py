"""Looking for Accounts of clients that wait, in an org that changes meanwhile."""

import pytest

from app.poll.looks import Ways, waiting
from app.salesforce.matching.score import Wanted
from app.salesforce.matching.terms import Client
from streams.domain.errors import Refused
from tests.builders.matching import matched_org
from tests.builders.salesforce import ACME
from tests.unit.poll.test_looks import NothingThere, a_registry

WANTED = [Client("ACC1:7", Wanted("Acme", "ann@acme.example"))]


async def test_a_field_that_the_org_hides_meanwhile_is_asked_for_no_more_by_the_next_look() -> None:
    async with matched_org() as it:
        acme = it.plant(Name="Acme")
        connection = it.here.settings[ACME]
        look = waiting(connection, Ways(it.here.lanes, NothingThere({})), a_registry(connection), it.book)
        await look.search(connection, WANTED)
        it.here.org.control.profile(hidden=["Account.Phone"])
        with pytest.raises(Refused):
            await look.search(connection, WANTED)

        assert [*await look.search(connection, WANTED)] == [acme]
