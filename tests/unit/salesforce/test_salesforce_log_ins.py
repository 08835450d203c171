"""How often we log in, and what is said of it."""

import asyncio

import pytest

from app.log_ins import MOST, SPAN, LogIns, TooManyLogIns, share
from app.salesforce.api.auth import Session
from app.salesforce.api.log_in_audit import LogInAudit
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.errors import FreshforceError, Misconfigured, Unreachable
from tests.builders.salesforce import ACME
from tests.fakes.virtual_time import simulate

HOST = "https://acme.my.salesforce.com"


def test_log_ins_are_bounded_within_an_hour_and_go_on_after_it() -> None:
    async def story() -> None:
        log_ins = LogIns()
        for _ in range(MOST):
            log_ins.count(ACME)
        for _ in range(3):
            with pytest.raises(TooManyLogIns, match="next one in 3600 s"):
                log_ins.count(ACME)
        await asyncio.sleep(SPAN)
        log_ins.count(ACME)

    simulate(story())


@pytest.mark.parametrize("partitions", [1, 4, 64, 65, 200, 1024])
def test_all_workers_of_an_org_stay_below_what_salesforce_takes_of_a_user(partitions: int) -> None:
    assert 1 <= share(partitions) <= MOST
    assert share(partitions) * partitions <= 3_200


def said_of(*outcomes: Session | FreshforceError, run: str = "a run") -> list[AuditEntry]:
    entries: list[AuditEntry] = []

    async def write(entry: AuditEntry) -> None:
        entries.append(entry)

    async def story() -> None:
        audit = LogInAudit(write, asyncio.ensure_future, run=run)
        for outcome in outcomes:
            audit(ACME, outcome)
            await asyncio.sleep(0)

    simulate(story())
    return entries


def test_each_session_is_said_once_and_no_token_with_it() -> None:
    first, second = Session("00D!canary1", HOST, HOST), Session("00D!canary2", HOST, HOST)

    entries = said_of(first, second)

    assert [each.verdict for each in entries] == [Verdict.LOGGED_IN] * 2
    assert len({each.id for each in entries}) == 2
    assert "canary" not in "".join(each.model_dump_json() for each in entries)


def test_a_trouble_of_hours_is_said_once_and_once_more_when_it_comes_back() -> None:
    wrong, well = Misconfigured("the client secret is wrong", code="wrong"), Session("00D!t", HOST, HOST)

    entries = said_of(wrong, wrong, wrong, well, wrong, wrong)

    assert [each.verdict.value for each in entries] == ["auth-failed", "logged-in", "auth-failed"]
    assert len({each.id for each in entries}) == 3


def test_a_trouble_is_said_anew_after_each_start_and_never_taken_for_a_repeat() -> None:
    wrong = Misconfigured("the client secret is wrong", code="wrong")

    (monday,), (tuesday,) = said_of(wrong, run="monday"), said_of(wrong, run="tuesday")

    assert (monday.rule, monday.verdict) == (tuesday.rule, tuesday.verdict)
    assert monday.id != tuesday.id


def test_an_entry_that_kafka_did_not_take_is_said_at_the_next_occasion() -> None:
    entries: list[AuditEntry] = []

    async def write(entry: AuditEntry) -> None:
        entries.append(entry)
        if len(entries) == 1:
            raise Unreachable(HOST, "away")

    async def story() -> None:
        audit = LogInAudit(write, asyncio.ensure_future, run="a run")
        for _ in range(3):
            audit(ACME, Misconfigured("no"))
            await asyncio.sleep(0)

    simulate(story())

    assert len(entries) == 2
