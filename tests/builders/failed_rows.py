"""A client's row that Salesforce refused, and those that follow it."""

from streams.domain.command import Command, SObject
from streams.ports import ParentMissing, Rejected
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk

ACCOUNT, CONTACT, OPPORTUNITY = SObject.ACCOUNT, SObject.CONTACT, SObject.OPPORTUNITY
NO = Rejected("INVALID_EMAIL_ADDRESS", "no", "mend the e-mail", ("Email",))
ITS_PARENT = ParentMissing("INVALID_FIELD", ("FreshBooks_Client_Id__c",))
FAILED = a_command(CONTACT, version=2, says="bad")
SALE, OTHER_SALE = a_command(OPPORTUNITY, 31, version=3), a_command(OPPORTUNITY, 32, version=4)


async def a_refused_contact() -> Desk:
    """Return a desk at which a Contact was refused, of a client whose Account is there."""
    desk = Desk()
    await desk.tell(a_command(ACCOUNT))
    desk.org.refuse("p7rQW5:7", NO)
    assert await desk.bury(FAILED) == [NO.code]
    return desk


def retry(command: Command, nth: int = 1) -> Command:
    return command.model_copy(update={"nonce": f"{nth:016x}"})


def discarded(command: Command) -> Command:
    return command.model_copy(update={"waived": True})
