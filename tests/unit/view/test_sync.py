"""How far Salesforce is in step, by day and object, and why not."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.view.fates import Fate, Told
from app.view.period import Period
from app.view.standing import Standing
from app.view.store import Store
from app.view.sync import PATIENCE, sync
from streams.domain.audit import Step, Verdict
from streams.domain.identity import ConnectionName, ObjectKind
from streams.domain.result import Outcome
from streams.steps.ends import UNDECIDED, behind_failed
from tests.builders.commands import a_command
from tests.builders.told import a_letter, a_row, an_entry, stored

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12))


def standing(*events: Told) -> Standing:
    found = Standing()
    for it in events:
        found.take(it)
    return found


def told(at: datetime, fate: Fate = Fate.WRITTEN, object_id: int = 31) -> Told:
    return Told(at, "invoice", object_id, "webhook", "update", fate)


async def test_a_morning_is_a_line_with_what_became_of_its_events(morning: Store) -> None:
    (line,) = (await sync(morning, "acme", TODAY, NOON)).lines

    assert (line.day, line.object, line.events) == (date(2026, 11, 28), "invoice", 1)
    assert line.fates == {Fate.WRITTEN: 1}


async def test_what_failed_and_what_waits_is_told_by_cause_with_the_mend(morning: Store) -> None:
    failed, waits = (await sync(morning, "acme", TODAY, NOON)).causes

    assert (failed.fate, failed.count, failed.why) == (Fate.FAILED, 2, "STRING_TOO_LONG at deliver")
    assert failed.mend.startswith("mend ")
    assert (waits.fate, waits.count) == (Fate.WAITING, 1)


async def test_of_more_letters_than_are_held_at_once_the_open_ones_are_counted(store: Store) -> None:
    told = [
        entry
        for nth in range(1_200)
        for entry in (
            a_letter(f"c{nth}", "frequent" if nth % 10 else "rare", nth),
            an_entry(Step.COMMAND_LINE, Verdict.DISCARDED, f"letter-c{nth}"),
        )[: 1 + bool(nth % 4)]
    ]
    await store.add(stored(told, NOON), {0: len(told)})

    causes = (await sync(store, "acme", TODAY, NOON)).causes

    assert {cause.why: cause.count for cause in causes} == {
        "frequent at deliver": 240,
        "rare at deliver": 60,
    }


async def test_what_waits_for_a_person_names_the_command_that_helps(morning: Store) -> None:
    waits = a_row("c9", Outcome.PARKED, Verdict.PARKED)
    assert waits.result is not None
    waits = waits.model_copy(update={"result": waits.result.model_copy(update={"code": UNDECIDED})})
    await morning.add(stored([waits], NOON, 6), {0: 7})

    causes = (await sync(morning, "acme", TODAY, NOON)).causes

    assert "freshforce match list acme" in [cause.mend for cause in causes]


async def test_what_waits_behind_a_failed_row_names_the_command_that_shows_it(morning: Store) -> None:
    behind = behind_failed(a_command(connection=ConnectionName("acme")))
    await morning.add(stored([behind], NOON, 6), {0: 7})

    causes = (await sync(morning, "acme", TODAY, NOON)).causes

    assert any(cause.mend.startswith("freshforce deadletters list") for cause in causes)


async def test_what_salesforce_took_nothing_of_for_minutes_is_told_with_what_says_why(store: Store) -> None:
    heard = an_entry(
        Step.FETCH, Verdict.FETCHED, "e1", caused=("r1",), object=ObjectKind.INVOICE, object_id=31
    )
    booked = an_entry(Step.TRANSLATE, Verdict.TRANSLATED, "r1", caused=("c1",))
    await store.add(stored([heard, booked], NOON), {0: 2})

    soon = (await sync(store, "acme", TODAY, NOON + PATIENCE)).causes
    (late,) = (await sync(store, "acme", TODAY, NOON + PATIENCE + timedelta(seconds=1))).causes

    assert soon == []
    assert (late.fate, late.count) == (Fate.UNDER_WAY, 1)
    assert late.mend.startswith("freshforce ping acme")


async def test_what_waited_before_the_period_still_waits(morning: Store) -> None:
    tomorrow = Period(TODAY.until, TODAY.until + timedelta(days=1))

    found = await sync(morning, "acme", tomorrow, NOON)

    assert (found.lines, len(found.causes)) == ([], 2)


def test_a_day_ends_at_midnight_utc_wherever_the_stamp_was_written() -> None:
    eastern = datetime.fromisoformat("2026-11-27T20:30:00-05:00")

    assert [line.day for line in standing(told(eastern)).lines] == [date(2026, 11, 28)]


def test_the_newest_that_salesforce_has_may_be_older_than_what_was_last_told() -> None:
    first, last = told(NOON, object_id=1), told(NOON + timedelta(hours=1), Fate.WAITING, 2)

    (found,) = standing(last, first).newest

    assert (found.told, found.in_step) == (last, first)


@given(
    st.lists(
        st.builds(
            Told,
            st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 5), timezones=st.just(UTC)),  # noqa: DTZ001
            st.sampled_from([kind.value for kind in ObjectKind]),
            st.integers(1, 9),
            st.just("webhook"),
            st.just("update"),
            st.sampled_from(Fate),
        )
    )
)
def test_the_lines_lose_no_event_and_count_none_twice(events: list[Told]) -> None:
    found = standing(*events).lines

    assert sum((line.fates for line in found), Counter[Fate]()) == Counter(it.fate for it in events)
    assert len({(line.day, line.object) for line in found}) == len(found)
