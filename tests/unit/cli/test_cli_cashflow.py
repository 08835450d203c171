"""`freshforce report cashflow`: the picture, and the report that is kept for some minutes."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from app.cli import freshforce
from app.cli.cashflow_picture import WIDTH, picture
from app.cli.clock import now
from app.cli.report_cashflow import KEPT
from app.salesforce.reads.expected import Cashflow, Month


def a_month(month: str, invoices: str, pipeline: str, currency: str = "USD") -> Month:
    return Month(
        currency=currency,
        month=month,
        invoices=Decimal(invoices),
        invoice_count=1,
        pipeline=Decimal(pipeline),
        pipeline_count=1,
    )


def drawn(*rows: Month) -> list[str]:
    console = Console(width=120, record=True, file=StringIO())
    for part in picture(Cashflow(read_at=now(), rows=rows)):
        console.print(part)
    return console.export_text().splitlines()


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".freshforce" / "reports"
    folder.mkdir(parents=True)
    return folder / "cashflow.acme.12.json"


def keep(file: Path, age: timedelta) -> None:
    found = Cashflow(read_at=now() - age, rows=(a_month("2026-12", "10.50", "0.00"),))
    file.write_text(found.model_dump_json())


def report(*words: str) -> Result:
    return CliRunner().invoke(freshforce, ["report", "cashflow", "acme", *words])


def test_bars_are_as_long_as_the_money() -> None:
    lines = drawn(a_month("2026-12", "50", "50"), a_month("2027-01", "0", "25"))

    december = next(line for line in lines if "2026-12" in line)
    january = next(line for line in lines if "2027-01" in line)
    assert (december.count("█"), december.count("░")) == (WIDTH // 2, WIDTH // 2)
    assert (january.count("█"), january.count("░")) == (0, WIDTH // 4)


def test_a_little_money_is_still_seen() -> None:
    lines = drawn(a_month("2026-12", "100000", "0.01"), a_month("2027-01", "0.01", "0"))

    assert next(line for line in lines if "2027-01" in line).count("█") == 1
    assert next(line for line in lines if "2026-12" in line).count("░") == 1


def test_each_currency_has_a_table_and_a_sum_of_its_own() -> None:
    text = "\n".join(drawn(a_month("2026-12", "1", "2", ""), a_month("2026-12", "1234.50", "0")))

    assert "the org's own currency" in text
    assert "1,234.50" in text
    assert "1,237.50" not in text


def test_nothing_to_expect_is_said() -> None:
    assert drawn() == ["no open invoices and no open Opportunities with an amount"]


def test_a_report_of_minutes_ago_is_shown_without_asking_anybody(kept: Path) -> None:
    keep(kept, timedelta(minutes=1))

    ended = report("--json")

    told = orjson.loads(ended.output)
    assert ended.exit_code == 0
    assert told["months"][0] | {"invoice_count": 1} == {
        "currency": "USD",
        "month": "2026-12",
        "invoices": "10.50",
        "invoice_count": 1,
        "pipeline": "0.00",
        "pipeline_count": 1,
        "total": "10.50",
    }


@pytest.mark.parametrize("how", ["old", "from the future", "torn", "fresh wanted", "other months"])
def test_otherwise_the_org_is_asked(kept: Path, how: str) -> None:
    keep(kept, {"old": KEPT, "from the future": -KEPT}.get(how, timedelta(0)))
    if how == "torn":
        kept.write_text(kept.read_text()[:20])
    words = {"fresh wanted": ["--fresh"], "other months": ["--months", "3"]}.get(how, [])

    ended = report("--json", *words)

    assert ended.exit_code == 1
    assert "bad-keys" in ended.output
