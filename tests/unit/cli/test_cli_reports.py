"""`freshforce report sync` and `report latency`, on a small view."""

import asyncio
import csv
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from app.cli import freshforce
from app.cli.clock import now
from app.settings import load
from app.view.store import Store
from streams.domain.audit import Step, Verdict
from streams.domain.identity import ObjectKind
from tests.builders.told import a_morning, an_entry, stored


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installation whose view has nothing yet."""
    monkeypatch.chdir(tmp_path)
    home = tmp_path / ".freshforce"
    home.mkdir()
    return home


@pytest.fixture
def morning(home: Path) -> Path:
    """An installation that had a small morning."""
    asyncio.run(fill(a_morning(now())))
    return home


async def fill(rows: list[dict[str, Any]]) -> None:
    """Let the view of the test's folder have read these rows."""
    store = await Store.open(load().database)
    await store.add(rows, {0: len(rows)})
    await store.close()


def report(*words: str) -> Result:
    return CliRunner().invoke(freshforce, ["report", *words])


@pytest.mark.usefixtures("morning")
def test_sync_tells_events_and_their_fates_by_day_and_ends_with_1_when_something_waits() -> None:
    ended = report("sync", "acme", "--json")

    told = orjson.loads(ended.stdout)
    assert ended.exit_code == 1
    assert [(it["object"], it["events"], it["written"]) for it in told["days"]] == [("invoice", 1, 1)]
    assert told["newest"]["invoice"]["told"]["id"] == 31
    assert [(it["fate"], it["count"]) for it in told["causes"]] == [("failed", 2), ("waiting", 1)]


@pytest.mark.usefixtures("morning")
def test_sync_is_read_by_a_person_and_by_a_spreadsheet() -> None:
    text, table = report("sync", "acme").stdout, report("sync", "acme", "--csv").stdout

    (row,) = csv.DictReader(table.splitlines())
    assert (row["object"], row["events"], row["under_way"]) == ("invoice", "1", "0")
    assert "STRING_TOO_LONG at deliver" in text
    assert "FreshBooks has last told" in text


@pytest.mark.usefixtures("home")
def test_sync_ends_with_1_when_nothing_is_sent_for_minutes_and_claims_no_empty_org() -> None:
    heard = an_entry(
        Step.FETCH, Verdict.FETCHED, "e1", caused=("r1",), object=ObjectKind.INVOICE, object_id=31
    )
    asyncio.run(fill(stored([heard], now() - timedelta(hours=1))))

    ended = report("sync", "acme")

    assert ended.exit_code == 1
    assert "freshforce ping acme" in " ".join(ended.stdout.split())
    assert "nothing of this time" in ended.stdout


@pytest.mark.usefixtures("morning")
def test_latency_tells_each_step_and_all_together() -> None:
    ended = report("latency", "acme", "--json")

    told = orjson.loads(ended.stdout)
    assert ended.exit_code == 0
    name, *seconds = told["steps"][-1].values()
    assert (name, seconds) == ("all together", pytest.approx([0.45] * 4, abs=0.002))
    assert [bar for bar in told["histogram"] if bar["rows"]] == [{"at_most": 0.5, "rows": 1}]


@pytest.mark.usefixtures("morning")
def test_latency_is_read_by_a_person_and_by_a_spreadsheet() -> None:
    text, table = report("latency", "acme").stdout, report("latency", "acme", "--csv").stdout

    assert "≤ 0.5 s  ████████████████████████████████████████ 1" in text
    assert [row["step"] for row in csv.DictReader(table.splitlines())][-1] == "all together"


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("which", "code"), [("sync", 0), ("latency", 1)])
def test_an_empty_view_says_so(which: str, code: int) -> None:
    ended = report(which, "acme")

    assert ended.exit_code == code
    assert "Is the view role running?" in ended.stderr


@pytest.mark.usefixtures("morning")
@pytest.mark.parametrize(
    "words",
    [
        ("report", "sync", "amce"),
        ("report", "latency", "amce"),
        ("deadletters", "list", "--connection", "amce"),
    ],
)
def test_a_misspelt_connection_does_not_look_like_one_where_all_is_well(words: tuple[str, ...]) -> None:
    ended = CliRunner().invoke(freshforce, words)

    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "not-heard-of: nothing is known of a connection amce" in ended.stderr


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("which", ["sync", "latency"])
def test_a_time_that_ends_before_it_begins_is_refused(which: str) -> None:
    since, until = (f"{now() + timedelta(days=days):%Y-%m-%d}" for days in (0, -1))

    ended = report(which, "acme", "--since", since, "--until", until)

    assert (ended.exit_code, "--since must be earlier" in ended.stderr) == (2, True)
