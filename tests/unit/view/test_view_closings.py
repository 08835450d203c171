"""What closes a dead letter: a person's act, or a later state of its row that went through."""

from typing import Any

import pytest
from sqlalchemy import event

from app.deadletters.said import By, said
from app.view.closings import Closing
from app.view.letters import Letter, letters
from app.view.rows import row
from app.view.store import Store
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.command import Command, SObject
from streams.domain.identity import SalesforceId
from streams.ports import NO_OPPORTUNITY, Absent, Applied
from streams.steps import ends
from tests.builders.commands import a_command
from tests.builders.letters import NOON, again, buried_row

FAILED = a_command(SObject.OPPORTUNITY, 123, version=4)
ITS_ID = SalesforceId("006000000000001AAA")


async def keep(store: Store, *entries: AuditEntry) -> Letter:
    """Keep the entries, a second apart; return the one letter among them."""
    await store.add(
        [row(0, nth, 1_000 * nth, encode(entry)) for nth, entry in enumerate(entries)], {0: len(entries)}
    )
    (letter,) = await letters(store)
    return letter


def a_burial() -> AuditEntry:
    return buried_row(FAILED)[1]


def applied(version: int, number: int = 123, client: int = 7) -> AuditEntry:
    command = a_command(SObject.OPPORTUNITY, number, version=version, client=client)
    return ends.applied(command, Applied(ITS_ID, created=False))


async def test_a_later_state_of_the_row_that_went_through_closes_the_letter(store: Store) -> None:
    letter = await keep(store, a_burial(), applied(6))

    assert letter.closed is not None
    assert (letter.closed.how, letter.closed.why) == ("overtaken", "version 6 of the row went through")
    assert letter.closed.at.timestamp() == 1


async def test_the_first_state_that_went_through_is_the_one_that_is_told(store: Store) -> None:
    letter = await keep(store, a_burial(), applied(5), applied(6))

    assert letter.closed is not None
    assert letter.closed.why == "version 5 of the row went through"


async def test_a_row_that_salesforce_holds_already_has_gone_through(store: Store) -> None:
    later = ends.unchanged(a_command(SObject.OPPORTUNITY, 123, version=5), ITS_ID)

    assert (await keep(store, a_burial(), later)).closed is not None


def the_lines(version: int) -> Command:
    return a_command(SObject.LINES, 123, version=version)


@pytest.mark.parametrize(
    ("later", "closed"),
    [
        (ends.absent(the_lines(6), Absent("hidden, or not there", NO_OPPORTUNITY)), False),
        (ends.unchanged(the_lines(6), SalesforceId("")), False),
        (ends.absent(the_lines(6), Absent("there was none to hold it")), False),
        (ends.absent(the_lines(6), Absent("no lines: they are in EUR, and the org has CAD")), True),
    ],
    ids=[
        "no Opportunity is seen",
        "none was seen before",
        "as an earlier release said it",
        "they are to be none",
    ],
)
async def test_lines_have_gone_nowhere_while_our_user_sees_no_opportunity_of_them(
    store: Store, later: AuditEntry, *, closed: bool
) -> None:
    letter = await keep(store, buried_row(the_lines(4))[1], later)

    assert (letter.closed is not None) is closed


@pytest.mark.parametrize(
    "other",
    [
        applied(3),
        applied(6, number=124),
        applied(6, client=8),
        ends.superseded(a_command(SObject.OPPORTUNITY, 123, version=6), "newer"),
        buried_row(a_command(SObject.CONTACT, 123, version=6))[1].model_copy(
            update={"verdict": Verdict.PARKED}
        ),
    ],
    ids=["an older state", "another row", "another client's row", "a needless state", "another object"],
)
async def test_nothing_else_closes_it(store: Store, other: AuditEntry) -> None:
    assert (await keep(store, a_burial(), other)).closed is None


async def test_what_went_through_before_the_failure_does_not_close_it(store: Store) -> None:
    assert (await keep(store, applied(4), a_burial())).closed is None


@pytest.mark.parametrize("step", [Step.COMMAND_LINE, Step.DESK])
async def test_a_discarded_letter_is_closed_with_who_and_why_wherever_that_was_said(
    store: Store, step: Step
) -> None:
    told = again(*buried_row(FAILED)).told

    act = said(told, Verdict.DISCARDED, By(NOON, "jane", "a test", step))
    letter = await keep(store, a_burial(), act)

    assert letter.closed is not None
    assert letter.closed == Closing(letter.closed.at, "discarded", "a test", "jane")


async def test_the_last_act_of_a_person_counts(store: Store) -> None:
    told = again(*buried_row(FAILED)).told

    letter = await keep(
        store,
        a_burial(),
        said(told, Verdict.DISCARDED, By(NOON, "jane", "a test")),
        said(told, Verdict.RELEASED, By(NOON, "joe")),
    )

    assert letter.closed is not None
    assert (letter.closed.how, letter.closed.actor) == ("retried", "joe")


async def test_what_closed_some_letters_is_found_without_going_through_all_of_a_verdict(
    store: Store,
) -> None:
    asked: list[tuple[str, Any]] = []

    def note(*its: Any) -> None:
        asked.append((its[2], its[3]))

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    await keep(store, a_burial(), applied(6))
    its = [it for it in asked if it[0].startswith("SELECT") and " IN (" in it[0]]

    async with store.reading() as database:
        plans = [(await database.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", of)).all() for sql, of in its]

    assert len(plans) == 2
    assert not [step for plan in plans for step in plan if "by_verdict" in str(step)]


async def test_a_letter_names_the_row_that_stays_behind(store: Store) -> None:
    assert (await keep(store, a_burial())).row == "Opportunity p7rQW5:123"
