"""What follows a failed row of its client waits until that is retried, edited, discarded or overtaken."""

import pytest

from streams.domain.audit import Verdict
from streams.domain.command import Command, SObject
from streams.domain.errors import Refused
from streams.ports import Answer, TurnedAway
from streams.steps.ends import BEHIND_FAILED
from streams.steps.parked import Parked
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk, slowly, under_way
from tests.builders.failed_rows import (
    ACCOUNT,
    CONTACT,
    FAILED,
    ITS_PARENT,
    NO,
    OPPORTUNITY,
    OTHER_SALE,
    SALE,
    a_refused_contact,
    discarded,
    retry,
)
from tests.fakes.org import FakeOrg


@pytest.fixture
async def desk() -> Desk:
    return await a_refused_contact()


async def test_what_follows_a_failed_row_waits_without_a_call_and_says_why(desk: Desk) -> None:
    so_far = len(desk.calls)

    said = await desk.tell(a_command(ACCOUNT, version=3, says="Apex"), SALE)

    results = [it.result for it in desk.entries if it.result]
    assert said == [Verdict.PARKED, Verdict.PARKED]
    assert {it.code for it in results} == {BEHIND_FAILED}
    assert len(desk.calls) == so_far


async def test_other_clients_run_on(desk: Desk) -> None:
    said = await desk.tell(a_command(ACCOUNT, 8, client=8), a_command(CONTACT, 8, client=8))

    assert said == [Verdict.APPLIED, Verdict.APPLIED]


async def test_a_retry_that_goes_through_lets_all_go_in_order(desk: Desk) -> None:
    await desk.tell(SALE, OTHER_SALE)

    said = await desk.tell(retry(FAILED))
    released = [*desk.back]
    landed = await desk.go_round()

    assert said == [Verdict.APPLIED, Verdict.RELEASED, Verdict.RELEASED]
    assert released == [SALE, OTHER_SALE]
    assert landed == [Verdict.APPLIED, Verdict.APPLIED]
    assert desk.parked == {}


async def test_a_retry_that_is_refused_again_leaves_all_waiting(desk: Desk) -> None:
    await desk.tell(SALE)
    desk.org.refuse("p7rQW5:7", NO)

    assert await desk.bury(retry(FAILED)) == [NO.code]
    assert desk.back == []
    assert await desk.tell(OTHER_SALE) == [Verdict.PARKED]


async def test_a_newer_state_of_the_failed_row_tries_by_itself_and_lets_all_go(desk: Desk) -> None:
    await desk.tell(SALE)

    said = await desk.tell(a_command(CONTACT, version=5, says="good"))

    assert said == [Verdict.APPLIED, Verdict.RELEASED]
    assert await desk.go_round() == [Verdict.APPLIED]


async def test_an_older_state_that_goes_through_does_not_let_go_what_waits_behind_a_newer_one(
    desk: Desk,
) -> None:
    desk.org.refuse("p7rQW5:7", NO)
    await desk.bury(a_command(CONTACT, version=5, says="worse"))
    await desk.tell(SALE)

    assert await desk.tell(retry(FAILED)) == [Verdict.APPLIED]
    assert desk.back == []


async def test_an_older_state_that_waits_for_its_account_does_not_make_the_failed_newer_one_forgotten(
    desk: Desk,
) -> None:
    desk.org.refuse("p7rQW5:7", NO, ITS_PARENT)
    await desk.bury(a_command(CONTACT, version=5, says="worse"))

    said = await desk.tell(retry(FAILED))

    assert said == [Verdict.PARKED]
    assert await desk.tell(a_command(CONTACT, 8, version=6)) == [Verdict.PARKED]
    assert {it.result.code for it in desk.entries if it.result} == {BEHIND_FAILED}
    assert await desk.tell(a_command(ACCOUNT, version=7)) == [Verdict.PARKED]


async def test_all_failed_rows_of_a_client_must_be_seen_to(desk: Desk) -> None:
    desk.org.refuse("p7rQW5:33", NO)
    other = a_command(OPPORTUNITY, 33, version=3)
    desk.holds_back = False  # both left in one call
    asked = await desk.step.ask(other)
    desk.holds_back = True
    with pytest.raises(Refused):
        [*desk.step(other, asked)]
    desk.step.buried(other)
    await desk.tell(SALE)

    first, second = await desk.tell(retry(FAILED)), await desk.tell(discarded(other))

    assert first == [Verdict.APPLIED]
    assert second == [Verdict.SUPERSEDED, Verdict.RELEASED]


async def test_what_is_there_already_ends_without_waiting(desk: Desk) -> None:
    assert await desk.tell(a_command(ACCOUNT, version=9)) == [Verdict.UNCHANGED]


async def test_of_each_row_only_the_newest_waits_behind(desk: Desk) -> None:
    await desk.tell(SALE)

    said = await desk.tell(a_command(OPPORTUNITY, 31, version=6, says="paid"))
    await desk.tell(discarded(FAILED))

    assert said == [Verdict.SUPERSEDED, Verdict.PARKED]
    assert [it.version for it in desk.back] == [6]


async def test_what_waits_behind_still_does_so_after_a_crash(desk: Desk) -> None:
    await desk.tell(SALE)

    desk.restart()

    assert await desk.tell(SALE, OTHER_SALE) == [Verdict.PARKED, Verdict.PARKED]


async def test_what_is_asked_while_the_failing_row_is_under_way_waits_behind_it() -> None:
    desk = Desk()
    await desk.tell(a_command(ACCOUNT))
    desk.org.refuse("p7rQW5:7", NO)
    asked = [(it, await under_way(desk, it)) for it in (FAILED, SALE)]

    with pytest.raises(Refused):
        [*desk.step(FAILED, await asked[0][1])]
    desk.step.buried(FAILED)
    (said,) = desk.step(SALE, await asked[1][1])

    assert getattr(said, "verdict", None) is Verdict.PARKED
    assert desk.calls[-1] == FAILED.row


async def test_what_waits_behind_one_that_landed_meanwhile_goes_round_again(desk: Desk) -> None:
    again, word = retry(FAILED), await desk.step.ask(SALE)
    await desk.tell(again)

    (said,) = desk.step(SALE, word)

    assert said == SALE
    assert desk.parked == {}


async def test_where_failures_hold_nothing_back_the_rest_goes_on() -> None:
    desk = Desk(holds_back=False)
    await desk.tell(a_command(ACCOUNT))
    desk.org.refuse("p7rQW5:7", NO)
    await desk.bury(FAILED)

    assert await desk.tell(SALE) == [Verdict.APPLIED]
    assert desk.parked == {}


async def test_once_failures_hold_nothing_back_any_more_the_next_row_lets_all_go(desk: Desk) -> None:
    await desk.tell(SALE)
    desk.holds_back = False

    said = await desk.tell(OTHER_SALE)

    assert said == [Verdict.APPLIED, Verdict.RELEASED]
    assert await desk.go_round() == [Verdict.APPLIED]


async def test_of_a_removed_connection_nothing_waits_any_longer(desk: Desk) -> None:
    await desk.tell(SALE)
    desk.holds_back = False
    desk.org.refuse("p7rQW5:32", TurnedAway())
    desk.org.refuse("p7rQW5:31", TurnedAway())

    said = await desk.tell(OTHER_SALE)

    assert said == [Verdict.SUPERSEDED, Verdict.RELEASED]
    assert await desk.go_round() == [Verdict.SUPERSEDED]


async def test_an_order_that_failed_and_is_gone_ends_though_its_opportunity_waits_behind_it() -> None:
    desk = Desk()
    sale, order = a_command(OPPORTUNITY, 31), a_command(SObject.ORDER, 31, version=2)
    await desk.tell(a_command(ACCOUNT), sale)
    desk.org.order(ACME, "p7rQW5:31")
    desk.org.refuse("p7rQW5:31", NO)
    await desk.bury(order)
    await desk.tell(a_command(OPPORTUNITY, 31, version=3, says="paid"))
    desk.org.forget(ACME, SObject.ORDER, "p7rQW5:31")

    said = await desk.tell(retry(order))

    assert said == [Verdict.UNCHANGED, Verdict.RELEASED]


async def test_a_lot_as_it_was_written_before_rows_could_be_failed_is_still_read(desk: Desk) -> None:
    desk.parked[b"acme:client:8"] = b'["",2,0,1]'

    lot = Parked(desk.parked).lot("acme:client:8")

    assert lot is not None
    assert (lot.tries, lot.end, lot.failed) == (2, 1, {})


async def test_what_an_earlier_version_delivered_meanwhile_holds_nothing_back(desk: Desk) -> None:
    await desk.tell(SALE)
    failed = {key: value for key, value in desk.parked.items() if key.endswith(b":f")}
    await desk.tell(retry(FAILED))
    desk.back.clear()
    desk.parked.update(failed)  # it leaves what it does not know as it is
    desk.restart()

    said = await desk.tell(OTHER_SALE)

    assert said == [Verdict.APPLIED, Verdict.RELEASED]
    await desk.go_round()
    assert desk.parked == {}


async def test_what_failed_once_more_at_the_version_that_was_delivered_holds_back(desk: Desk) -> None:
    await desk.tell(retry(FAILED))
    desk.org.refuse("p7rQW5:7", NO)
    await desk.bury(retry(FAILED, 2))

    assert await desk.tell(SALE) == [Verdict.PARKED]


async def test_what_a_broken_call_leaves_behind_holds_back_as_well() -> None:
    desk = Desk()
    await desk.tell(a_command(ACCOUNT))

    desk.step.buried(FAILED)  # a bug, or a record that Kafka does not take

    assert await desk.tell(SALE) == [Verdict.PARKED]


class Crowd(FakeOrg):
    """An org that notes how many rows are on their way to it at a time."""

    here, most = 0, 0

    async def write(self, command: Command) -> Answer:
        self.here += 1
        self.most = max(self.most, self.here)
        answer = await super().write(command)
        self.here -= 1
        return answer


async def test_rows_of_one_client_that_are_asked_at_once_are_still_sent_at_once() -> None:
    org = Crowd()
    desk = Desk(org)
    await desk.tell(a_command(ACCOUNT))
    org.before = slowly

    await desk.tell(*[a_command(OPPORTUNITY, 40 + number, version=2) for number in range(3)])

    assert org.most == 3


async def test_a_row_that_waits_for_another_reason_than_before_says_so_anew(desk: Desk) -> None:
    desk.org.forget(ACME, ACCOUNT, "p7rQW5:7")
    await desk.tell(SALE)
    behind = desk.entries[0]

    await desk.tell(discarded(FAILED))
    await desk.go_round()
    (missing,) = [it for it in desk.entries if it.verdict is Verdict.PARKED]

    assert missing.cause == behind.cause
    assert missing.id != behind.id
