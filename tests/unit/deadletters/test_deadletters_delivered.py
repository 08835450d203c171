"""What comes of a retry or an edit in the step that sends rows."""

from datetime import timedelta

import pytest

from app.deadletters.edit import edited
from app.replay.proof import Proof
from streams.domain.audit import Verdict
from streams.domain.command import Command, SObject
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk
from tests.builders.letters import NOON, again, buried_row

ACCOUNT = SObject.ACCOUNT
FAILED = a_command(version=4, says="A name that is too long")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def retried(command: Command, after: timedelta = timedelta(0)) -> Command:
    """The command as a retry puts it back."""
    back = again(*buried_row(command)).demanded(NOON + after)
    assert isinstance(back, Command)
    return back


def by_hand(name: str) -> Command:
    """The failed command as an edit puts it back."""
    anew = edited(again(*buried_row(FAILED)), {"Name": name}, NOON)
    back = anew.demanded(NOON)
    assert isinstance(back, Command)
    return back


async def test_a_retry_is_sent_though_salesforce_holds_the_same(desk: Desk) -> None:
    await desk.tell(FAILED)

    assert await desk.tell(retried(FAILED)) == [Verdict.APPLIED]
    assert len(desk.calls) == 2


async def test_a_second_retry_is_sent_again_and_the_first_one_read_again_is_not(desk: Desk) -> None:
    first, second = retried(FAILED), retried(FAILED, timedelta(seconds=1))

    assert await desk.tell(first) == [Verdict.APPLIED]
    assert await desk.tell(second) == [Verdict.APPLIED]
    assert await desk.tell(first) == [Verdict.UNCHANGED]


async def test_a_retry_overwrites_nothing_newer(desk: Desk) -> None:
    await desk.tell(a_command(version=5, says="Newer"))

    assert await desk.tell(retried(FAILED)) == [Verdict.SUPERSEDED]
    assert desk.org.rows[ACME, ACCOUNT, "p7rQW5:7"]["Name"] == "Newer"


async def test_an_edited_row_is_sent_and_the_next_change_replaces_it(desk: Desk) -> None:
    assert await desk.tell(by_hand("Ferry Ltd")) == [Verdict.APPLIED]
    assert desk.org.rows[ACME, ACCOUNT, "p7rQW5:7"]["Name"] == "Ferry Ltd"

    assert await desk.tell(a_command(version=5, says="Newer")) == [Verdict.APPLIED]
    assert desk.org.rows[ACME, ACCOUNT, "p7rQW5:7"]["Name"] == "Newer"


async def test_the_proof_counts_an_edited_row_apart_and_raises_no_alarm(desk: Desk) -> None:
    proof = Proof("test")
    proof.derived(FAILED)
    await desk.tell(by_hand("Ferry Ltd"))

    proof.hold_against_delivered(desk.id_map)
    alarms = list(proof.hold_against_sent(by_hand("Ferry Ltd")))

    assert (alarms, [*proof.left()]) == ([], [])
    assert proof.of_other_mappings == 1
