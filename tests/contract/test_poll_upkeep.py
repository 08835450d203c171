"""The poller looks after the callbacks, against the FreshBooks sandbox."""

from dataclasses import dataclass, field, replace

import pytest
from structlog.testing import capture_logs

from app.poll.upkeep import Upkeep, daily
from app.sandbox.faults import FaultKind, Faults, Rule
from streams.domain.audit import Step, Verdict
from streams.domain.errors import Unreachable
from tests.builders.installation import Installation, connected
from tests.builders.vault import ACME
from tests.builders.waiting import until


@dataclass
class Look:
    """A day's look, and what it said."""

    acme: Installation
    gauge: dict[str, int] = field(default_factory=dict)

    async def take(self) -> int:
        acme = self.acme
        registry = replace(acme.registry, speaker=Step.POLL)
        upkeep = Upkeep(*(ACME, registry, acme.session, self.gauge.__setitem__), allow_http=True, patience=3)
        return await upkeep.run_pass()

    def said(self) -> list[str]:
        ours = [each for each in self.acme.audit if each.step is Step.POLL]
        return [each.rule for each in ours if each.verdict is not Verdict.GRANTED]


async def test_callbacks_that_work_cost_one_list_and_no_word() -> None:
    async with connected() as acme:
        await acme.webhooks.register(acme.url, 10)
        look = Look(acme)

        assert await look.take() == 0
        assert (look.gauge, look.said()) == ({ACME: 0}, [])


async def test_what_freshbooks_lost_is_registered_again_and_said() -> None:
    async with connected() as acme:
        await acme.webhooks.register(acme.url, 10)
        lost = acme.sandbox.freshbooks.callbacks.all()[0]
        acme.sandbox.freshbooks.callbacks.remove(lost.id)
        look = Look(acme)

        assert await look.take() == 1

        assert all(each.well for each in await acme.webhooks.standings())
        assert look.gauge == {ACME: 0}
        assert look.said() == [f"callbacks were mended: {lost.event} (missing at FreshBooks)"]
        made = [each for each in acme.audit if each.step is Step.POLL and each.verdict is Verdict.GRANTED]
        assert made, "the callback that it made is told to be its own, too"


async def test_what_cannot_be_mended_is_audited_and_alerted_with_its_mend() -> None:
    async with connected() as acme:
        await acme.webhooks.register(acme.url, 10)
        lost = acme.sandbox.freshbooks.callbacks.all()[0]
        acme.sandbox.freshbooks.callbacks.remove(lost.id)
        acme.deaf = True
        look = Look(acme)

        with capture_logs() as logs:
            await look.take()

        (alert,) = [each for each in logs if each["event"] == "callbacks.ill"]
        assert "freshforce webhooks verify acme" in alert["mend"]
        assert look.gauge == {ACME: 1}
        assert look.said() == [f"callbacks do not work: {lost.event} (unverified at FreshBooks)"]


async def test_a_right_that_was_taken_away_is_alerted() -> None:
    async with connected() as acme:
        await acme.webhooks.register(acme.url, 10)
        denied = Rule(kind=FaultKind.ANSWER, status=403, path="/events/*")
        await acme.sandbox.control.faults(Faults(rules=(denied,)))
        look = Look(acme)

        assert await look.take() == 0

        assert look.gauge == {ACME: 3}
        assert look.said()[0].startswith("the callbacks could not be looked after")


async def test_callbacks_that_did_not_work_and_are_removed_are_ill_no_more() -> None:
    async with connected() as acme:
        await acme.webhooks.register(acme.url, 10)
        denied = Rule(kind=FaultKind.ANSWER, status=403, path="/events/*")
        await acme.sandbox.control.faults(Faults(rules=(denied,)))
        look = Look(acme)
        await look.take()
        await acme.sandbox.control.faults(Faults())
        await acme.webhooks.remove()

        assert await look.take() == 0

        assert look.gauge == {ACME: 0}


async def test_callbacks_of_a_connection_that_leaves_this_poller_are_not_counted_here() -> None:
    async with connected() as acme:
        await acme.webhooks.register(acme.url, 10)
        denied = Rule(kind=FaultKind.ANSWER, status=403, path="/events/*")
        await acme.sandbox.control.faults(Faults(rules=(denied,)))
        gauge = dict[str, int]()
        schedule = daily(acme.registry, acme.session, gauge.__setitem__, allow_http=True)
        schedule.look([acme.connection], {ACME})
        await until(lambda: gauge == {ACME: 3})

        schedule.look([acme.connection], set())

        assert gauge == {ACME: 0}


async def test_while_freshbooks_is_away_it_is_looked_again_soon() -> None:
    async with connected() as acme:
        await acme.webhooks.register(acme.url, 10)
        away = Rule(kind=FaultKind.ANSWER, status=503, path="/events/*")
        await acme.sandbox.control.faults(Faults(rules=(away,)))

        with pytest.raises(Unreachable):
            await Look(acme).take()


async def test_who_has_no_callbacks_is_asked_nothing() -> None:
    async with connected() as acme:
        away = Rule(kind=FaultKind.ANSWER, status=503)
        await acme.sandbox.control.faults(Faults(rules=(away,)))

        assert await Look(acme).take() == 0
