"""A client of which a person must say which Account it is: its rows wait, other clients' do not."""

import asyncio

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import Command, SObject
from tests.builders.commands import a_command
from tests.builders.deliver_desk import Desk

ACCOUNT, CONTACT, OPPORTUNITY = SObject.ACCOUNT, SObject.CONTACT, SObject.OPPORTUNITY
WHOLE = (a_command(ACCOUNT), a_command(CONTACT), a_command(OPPORTUNITY, 31))


@pytest.fixture
def desk() -> Desk:
    """A desk at which nobody has said yet which Account client 7 is."""
    desk = Desk()
    desk.org.undecided.add("p7rQW5:7")
    return desk


async def test_all_rows_of_the_client_wait_without_a_call(desk: Desk) -> None:
    said = await desk.tell(*WHOLE)

    assert said == [Verdict.PARKED] * 3
    assert desk.calls == []
    assert desk.entries[0].result is not None
    assert desk.entries[0].result.code == "account-undecided"
    assert "a person must say" in desk.entries[0].rule


async def test_rows_that_come_later_wait_behind(desk: Desk) -> None:
    await desk.tell(a_command(ACCOUNT))

    assert await desk.tell(a_command(OPPORTUNITY, 32)) == [Verdict.PARKED]
    assert desk.calls == []


async def test_other_clients_run_on(desk: Desk) -> None:
    await desk.tell(*WHOLE)

    assert await desk.tell(a_command(ACCOUNT, 8, client=8), a_command(CONTACT, 8, client=8)) == [
        Verdict.APPLIED,
        Verdict.APPLIED,
    ]


async def test_once_a_person_has_said_it_everything_goes(desk: Desk) -> None:
    await desk.tell(*WHOLE)
    desk.org.undecided.clear()

    said = await desk.tell(a_command(ACCOUNT, version=2, cause="decided"))
    went = await desk.go_round()

    assert said == [Verdict.SUPERSEDED, Verdict.APPLIED, Verdict.RELEASED, Verdict.RELEASED]
    assert went == [Verdict.APPLIED, Verdict.APPLIED]
    assert (desk.has(CONTACT), desk.has(OPPORTUNITY, "p7rQW5:31"), desk.parked) == (True, True, {})


async def test_of_the_account_only_the_newest_state_waits(desk: Desk) -> None:
    await desk.tell(a_command(ACCOUNT, version=1))

    said = await desk.tell(a_command(ACCOUNT, version=2, says="New Name"))

    assert said == [Verdict.SUPERSEDED, Verdict.PARKED]


async def test_what_waits_still_waits_when_it_is_read_again_after_a_crash(desk: Desk) -> None:
    await desk.tell(*WHOLE)
    desk.restart()

    assert await desk.tell(*WHOLE) == [Verdict.PARKED] * 3
    assert desk.calls == []


async def test_a_child_is_sent_once_its_account_landed_and_not_before(desk: Desk) -> None:
    desk.org.undecided.clear()
    account, contact = a_command(ACCOUNT), a_command(CONTACT)

    said = await desk.tell(account, contact)

    assert said == [Verdict.APPLIED, Verdict.APPLIED]
    assert desk.calls == [account.row, contact.row]


async def test_a_child_waits_for_the_newer_state_that_takes_its_accounts_place(desk: Desk) -> None:
    desk.org.undecided.clear()
    older, newer, contact = a_command(ACCOUNT), a_command(ACCOUNT, version=2, says="New"), a_command(CONTACT)

    asked = [asyncio.ensure_future(desk.step.ask(it)) for it in (older, contact, newer)]
    words = [await it for it in asked]

    for command, word in zip((older, contact, newer), words, strict=True):
        list(desk.step(command, word))
    assert desk.has(CONTACT)
    assert desk.parked == {}


async def test_no_later_state_arrives_before_the_account_is_found(desk: Desk) -> None:
    """An Account had an older balance: the older write, asked as new, was overtaken by a plain one."""
    desk.org.undecided.clear()
    desk.org.meeting = longer_each_time
    first, second, third = (a_command(ACCOUNT, version=each, says=f"state {each}") for each in (1, 2, 3))
    words = [asyncio.ensure_future(desk.step.ask(first))]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    words.append(asyncio.ensure_future(desk.step.ask(second)))
    list(desk.step(first, await words[0]))
    words.append(asyncio.ensure_future(desk.step.ask(third)))

    await asyncio.gather(*words)

    assert [it.version for it in desk.org.applied] in ([1, 3], [1, 2, 3])


async def longer_each_time(command: Command) -> None:
    await asyncio.sleep(0.005 * command.version)
