"""What a trace says of rows of which nothing has been said yet."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import freshforce
from app.settings import load
from app.view.happening import Happening
from app.view.store import Store
from app.view.under_way import under_way
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.identity import ObjectKind
from streams.domain.result import Outcome
from tests.builders.told import a_row, an_entry, stored

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
INVOICE = {"object": ObjectKind.INVOICE, "object_id": 31}
FETCHED = an_entry(Step.FETCH, Verdict.FETCHED, "e1", caused=("r1",), **INVOICE)
BOOKED = an_entry(Step.TRANSLATE, Verdict.TRANSLATED, "r1", caused=("c1", "c2"), **INVOICE)
APPLIED = a_row("c1", Outcome.APPLIED, Verdict.APPLIED)
PARKED = a_row("c2", Outcome.PARKED, Verdict.PARKED)
RELEASED = an_entry(Step.DELIVER, Verdict.RELEASED, "c2", caused=("c2",))


def told(*entries: AuditEntry) -> list[str]:
    happenings = [Happening(NOON, 0, at, it.model_dump(mode="json")) for at, it in enumerate(entries)]
    return [f"{line.who}: {line.what}" for line in under_way(happenings)]


def test_rows_that_salesforce_has_not_answered_are_said_to_wait_with_where_their_cause_and_mend_are() -> None:
    (line,) = told(FETCHED, BOOKED)

    assert line.startswith("deliver: waits: 2 rows without Salesforce's answer yet, sent by itself")
    assert "`freshforce ping acme` says what hinders" in line
    assert "`freshforce health`" in line


def test_one_that_was_released_is_on_its_way_again() -> None:
    (line,) = told(BOOKED, APPLIED, PARKED, RELEASED)

    assert line.startswith("deliver: waits: 1 row without Salesforce's answer yet")


@pytest.mark.parametrize("entries", [(FETCHED,), (BOOKED, APPLIED, PARKED)], ids=["unbooked", "answered"])
def test_nothing_is_said_where_each_row_has_its_word(entries: tuple[AuditEntry, ...]) -> None:
    assert told(*entries) == []


def test_a_trace_ends_with_what_waits_unless_it_is_of_the_past(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".freshforce").mkdir()

    async def fill() -> None:
        store = await Store.open(load().database)
        await store.add(stored([FETCHED, BOOKED], NOON), {0: 2})
        await store.close()

    asyncio.run(fill())

    def traced(*more: str) -> str:
        return CliRunner().invoke(freshforce, ["trace", "acme", "invoice", "31", *more]).output

    assert "deliver: waits" in traced()
    assert "deliver: waits" not in traced("--as-of", "2026-11-23")
