"""What became of each event, as the view's entries tell it."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.view.fates import Fate, fates
from app.view.period import Period
from app.view.store import Store
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ObjectKind
from streams.domain.result import Outcome
from streams.steps.ends import DISCARDED
from tests.builders.told import a_letter, a_row, an_entry, stored

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = Period(NOON - timedelta(hours=12), NOON + timedelta(hours=12))


def read(event: str, *records: str, heard: datetime = NOON, **more: Any) -> AuditEntry:
    details = {"received_at": heard.isoformat(), "source": "webhook", "action": "update"}
    its: dict[str, Any] = {"object": ObjectKind.INVOICE, "object_id": 31, "details": details}
    return an_entry(Step.FETCH, Verdict.FETCHED, event, caused=records, **its | more)


def derived(record: str, *commands: str) -> AuditEntry:
    return an_entry(Step.TRANSLATE, Verdict.TRANSLATED, record, caused=commands)


def written(command: str) -> AuditEntry:
    return a_row(command, Outcome.APPLIED, Verdict.APPLIED)


def parked(command: str) -> AuditEntry:
    return a_row(command, Outcome.PARKED, Verdict.PARKED)


def failed(message: str, letter: str = "letter", **more: Any) -> AuditEntry:
    its = {
        "id": audit_id(Step.DELIVER, Verdict.DEAD_LETTER, letter + message),
        "caused": (f"{letter}-{message}",),
    }
    return a_letter(message, "refused", 3).model_copy(update=its | more)


async def became(store: Store, *entries: AuditEntry) -> list[Fate]:
    await store.add(stored([*entries], NOON), {0: len(entries)})
    return [told.fate async for told in fates(store, "acme", TODAY)]


@pytest.mark.parametrize(
    ("ends", "fate"),
    [
        ([written("c1"), written("c2")], Fate.WRITTEN),
        ([written("c1"), a_row("c2", Outcome.UNCHANGED, Verdict.UNCHANGED)], Fate.WRITTEN),
        ([written("c1"), a_row("c2", Outcome.SUPERSEDED, Verdict.SUPERSEDED)], Fate.WRITTEN),
        ([written("c1")], Fate.UNDER_WAY),
        ([written("c1"), parked("c2")], Fate.WAITING),
        ([parked("c1"), a_letter("c2", "refused", 3)], Fate.FAILED),
        ([parked("c1"), written("c1"), written("c2")], Fate.WRITTEN),
    ],
    ids=["all written", "one held", "one overtaken", "one under way", "one waits", "one failed", "released"],
)
async def test_an_event_fares_as_the_row_of_it_that_fares_worst(
    store: Store, ends: list[AuditEntry], fate: Fate
) -> None:
    assert await became(store, read("e1", "r1"), derived("r1", "c1", "c2"), *ends) == [fate]


@pytest.mark.parametrize(
    ("said", "fate"),
    [
        ([read("e1", "r1")], Fate.UNDER_WAY),
        ([read("e1", "r1"), an_entry(Step.TRANSLATE, Verdict.SUPERSEDED, "r1")], Fate.NEEDLESS),
        ([read("e1", "r1"), an_entry(Step.TRANSLATE, Verdict.UNCHANGED, "r1")], Fate.UNCHANGED),
        ([an_entry(Step.FETCH, Verdict.IGNORED, "e1", object=ObjectKind.CLIENT, object_id=7)], Fate.NEEDLESS),
    ],
    ids=["not derived yet", "old news", "no row shows it", "its connection was removed"],
)
async def test_an_event_without_rows_has_a_fate_too(store: Store, said: list[AuditEntry], fate: Fate) -> None:
    assert await became(store, *said) == [fate]


async def test_two_events_of_one_reading_share_its_fate(store: Store) -> None:
    both = read("e1", "r1"), read("e2", "r1")

    assert await became(store, *both, derived("r1", "c1"), written("c1")) == [Fate.WRITTEN] * 2


async def test_an_event_that_failed_and_was_retried_is_one_event(store: Store) -> None:
    failed = a_letter("e1", "refused", 3).model_copy(
        update={"step": Step.FETCH, "object": ObjectKind.INVOICE, "object_id": 31}
    )
    retried = an_entry(Step.COMMAND_LINE, Verdict.RELEASED, "letter-e1")

    assert await became(store, failed, retried, read("e1", "r1"), derived("r1", "c1"), written("c1")) == [
        Fate.WRITTEN
    ]


async def test_a_letter_that_a_person_discarded_is_no_failure(store: Store) -> None:
    discarded = an_entry(Step.COMMAND_LINE, Verdict.DISCARDED, "letter-c1")

    assert await became(
        store, read("e1", "r1"), derived("r1", "c1"), a_letter("c1", "refused", 3), discarded
    ) == [Fate.NEEDLESS]


@pytest.mark.parametrize(
    ("again", "fate"),
    [
        (parked("c1"), Fate.WAITING),
        (failed("c1", "again"), Fate.FAILED),
        (written("c1"), Fate.WRITTEN),
    ],
    ids=["waits", "failed again", "went through"],
)
async def test_an_event_whose_letter_was_discarded_and_then_retried_fares_as_the_retry(
    store: Store, again: AuditEntry, fate: Fate
) -> None:
    by_a_person = (
        an_entry(Step.COMMAND_LINE, verdict, "letter-c1") for verdict in (Verdict.DISCARDED, Verdict.RELEASED)
    )
    waived = a_row("c1", Outcome.SUPERSEDED, Verdict.SUPERSEDED)
    its_own = {"id": audit_id(Step.DELIVER, Verdict.DISCARDED, "c1"), "rule": DISCARDED}
    waived = waived.model_copy(update=its_own)
    discarded, retried = by_a_person
    story = failed("c1"), discarded, waived, retried, again

    assert await became(store, read("e1", "r1"), derived("r1", "c1"), *story) == [fate]


async def test_what_was_written_waits_no_more_though_a_worker_that_read_it_again_let_it_wait(
    store: Store,
) -> None:
    """The end after that is the first one's repeat: the view has it once."""
    assert await became(store, read("e1", "r1"), derived("r1", "c1"), written("c1"), parked("c1")) == [
        Fate.WRITTEN
    ]


async def test_what_was_written_after_all_and_refused_when_demanded_once_more_failed_until_that_is_seen_to(
    store: Store,
) -> None:
    retried = (an_entry(Step.COMMAND_LINE, Verdict.RELEASED, f"{it}-c1") for it in ("letter", "again"))
    story = failed("c1"), next(retried), written("c1"), failed("c1", "again")
    begun = read("e1", "r1"), derived("r1", "c1")

    assert await became(store, *begun, *story) == [Fate.FAILED]
    await store.clear()
    assert await became(store, *begun, *story, next(retried)) == [Fate.WRITTEN]


async def test_a_worker_whose_clock_is_behind_tells_its_end_after_what_it_ended(store: Store) -> None:
    rows = stored([read("e1", "r1"), derived("r1", "c1"), parked("c1"), written("c1")], NOON)
    rows[-1]["at"] -= 10_000

    await store.add(rows, {0: len(rows)})

    assert [told.fate async for told in fates(store, "acme", TODAY)] == [Fate.WRITTEN]


async def test_an_event_whose_letter_was_retried_and_waits_again_waits(store: Store) -> None:
    retried = an_entry(Step.COMMAND_LINE, Verdict.RELEASED, "letter-c1")
    story = read("e1", "r1"), derived("r1", "c1"), a_letter("c1", "refused", 3), retried

    assert await became(store, *story) == [Fate.UNDER_WAY]
    await store.clear()
    assert await became(store, *story, parked("c1")) == [Fate.WAITING]
    await store.clear()
    assert await became(store, story[0], story[1], parked("c1"), *story[2:]) == [Fate.UNDER_WAY]


async def test_an_edited_letter_fares_as_what_was_sent_in_its_place(store: Store) -> None:
    edited = an_entry(Step.COMMAND_LINE, Verdict.EDITED, "letter-c1", caused=("by-hand",))
    story = read("e1", "r1"), derived("r1", "c1"), a_letter("c1", "refused", 3), edited

    assert await became(store, *story) == [Fate.UNDER_WAY]
    await store.clear()
    assert await became(store, *story, written("by-hand")) == [Fate.WRITTEN]
    await store.clear()
    assert await became(store, *story, a_letter("by-hand", "refused", 4)) == [Fate.FAILED]


async def test_only_what_was_heard_of_in_the_period_counts(store: Store) -> None:
    early, late = (read(f"e{day}", f"r{day}", heard=NOON + timedelta(days=day)) for day in (-1, 1))

    assert await became(store, early, read("e0", "r0"), late) == [Fate.UNDER_WAY]


async def test_another_connections_events_do_not_count(store: Store) -> None:
    assert await became(store, read("e1", "r1", connection="other")) == []


async def test_fates_add_up_to_events_at_every_moment_of_a_morning(store: Store) -> None:
    whole = [read("e1", "r1"), derived("r1", "c1", "c2"), parked("c1"), read("e2", "r2", "r1")]
    whole += [written("c1"), derived("r2", "c3"), a_letter("c2", "refused", 3), written("c3")]

    for length in range(1, len(whole) + 1):
        found = Counter(await became(store, *whole[:length]))
        assert found.total() == len({it.cause for it in whole[:length] if it.step is Step.FETCH})
        await store.clear()


async def test_it_is_the_same_however_many_events_are_taken_at_once(store: Store) -> None:
    chance = random.Random(2026)
    whole = [entry for number in range(100) for entry in a_history(chance, number)]
    await store.add(stored(whole, NOON), {0: len(whole)})

    one, two, all_ = [[it async for it in fates(store, "acme", TODAY, at_once)] for at_once in (1, 2, 10_000)]

    assert one == two == all_
    assert len(one) == len({it.cause for it in whole if it.step is Step.FETCH})
    assert {it.fate for it in one} == {*Fate}


def a_history(chance: random.Random, number: int) -> Iterator[AuditEntry]:
    """What was said of two events of one reading, or of none: parts of it lack, or come in another order."""
    records = [f"r{number}", f"r{chance.randrange(number + 1)}"][: chance.randrange(3)]
    commands = [f"c{number}-{each}" for each in range(chance.randrange(3))]
    said = [read(f"e{number}", *records), read(f"e{number}b", *records), derived(f"r{number}", *commands)]
    if not chance.randrange(4):
        said.append(failed(f"e{number}", step=Step.FETCH, object=ObjectKind.INVOICE, object_id=31))
    for command in commands:
        said += chance.sample(
            [
                parked(command),
                written(command),
                a_row(command, Outcome.UNCHANGED, Verdict.UNCHANGED),
                a_row(command, Outcome.SUPERSEDED, Verdict.SUPERSEDED),
                failed(command),
                failed(command, "again"),
                an_entry(Step.COMMAND_LINE, Verdict.RELEASED, f"letter-{command}"),
                an_entry(Step.COMMAND_LINE, Verdict.DISCARDED, f"letter-{command}"),
                an_entry(
                    Step.COMMAND_LINE, Verdict.EDITED, f"letter-{command}", caused=(f"by-hand-{command}",)
                ),
                written(f"by-hand-{command}"),
            ],
            k=chance.randrange(5),
        )
    chance.shuffle(said)
    return iter(said[: len(said) - chance.randrange(2)])
