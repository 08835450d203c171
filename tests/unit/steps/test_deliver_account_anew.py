"""A person deleted an Account: it is made anew, and what went with it must not be believed to be there."""

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import SObject
from streams.domain.identity import SalesforceId
from streams.ports import Applied
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk

ACCOUNT, CONTACT = SObject.ACCOUNT, SObject.CONTACT


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_another_id_shows_it_though_the_call_that_made_the_account_lost_its_answer(desk: Desk) -> None:
    await desk.tell(a_command(ACCOUNT), a_command(CONTACT))
    desk.org.forget(ACME, CONTACT, "p7rQW5:7")
    desk.org.refuse("p7rQW5:7", Applied(SalesforceId("001000000000099AAA"), created=False))

    await desk.tell(a_command(ACCOUNT, version=2, says="Apex"))
    said = await desk.tell(a_command(CONTACT, version=3))

    assert len(desk.events) == 1
    assert said == [Verdict.APPLIED]
    assert desk.has(CONTACT, "p7rQW5:7")


async def test_the_same_id_in_its_short_form_is_the_same_account(desk: Desk) -> None:
    await desk.tell(a_command(ACCOUNT), a_command(CONTACT))
    short = SalesforceId(desk.org.ids[ACME, ACCOUNT, "p7rQW5:7"][:15])
    desk.org.refuse("p7rQW5:7", Applied(short, created=False))

    await desk.tell(a_command(ACCOUNT, version=2, says="Apex"))

    assert desk.events == []
