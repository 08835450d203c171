"""What `reconcile` and `report reconciliation` print: every difference with its trace, money to the cent."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from app.cli import freshforce, reconcile, report_reconciliation
from app.cli.reconcile_shown import MOST, lines, pages
from app.process.health import missed
from app.reconcile.difference import Difference, Explained, Named, Sort, Why
from app.reconcile.money import Money, Sums
from app.reconcile.report import ClientMoney, Report, Side
from app.settings import Settings
from streams.domain.identity import ClientId, ObjectKind
from tests.builders.records import MORNING

INVOICE = Named(ObjectKind.INVOICE, 31)
CHANGED = Difference(
    Sort.UNKNOWN_CHANGE, INVOICE, "Amount: not as sent", "Opportunity a:31", {"Amount": ("100.10", "7")}
)
WAITS = Explained(Why.PARKED, INVOICE, "its Account is missing", "Opportunity a:32")


def money(**owed: str) -> Money:
    return {currency: Sums(Decimal(amount)) for currency, amount in owed.items()}


def a_report(*differences: Difference, explained: tuple[Explained, ...] = (), live: bool = True) -> Report:
    same, other = money(CAD="1234567.10"), money(CAD="1234567.10", USD="0.30")
    sides = {Side.FRESHBOOKS: other, Side.LOG: other}
    clients = [
        ClientMoney(ClientId(7), "Maple [Inc]", sides | {Side.SALESFORCE: other}),
        ClientMoney(ClientId(8), "=HYPERLINK(1)", sides | {Side.SALESFORCE: same}),
    ]
    counts = {"clients": dict.fromkeys(Side, 2), "payments": {Side.FRESHBOOKS: 1, Side.LOG: 1}}
    return Report("acme", MORNING, live, differences, explained, counts, clients)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Report, int], None]:
    """Let the comparison come to this, and `--apply` write so many events."""
    monkeypatch.chdir(tmp_path)

    def tell(found: Report, written: int = 0) -> None:
        async def reconciled(
            *_: object, then: Callable[..., Awaitable[int]] | None = None, **__: object
        ) -> Any:
            return found, written if then else 0

        for module in (reconcile, report_reconciliation):
            monkeypatch.setattr(module, "reconciled", reconciled)

    return tell


def run(*words: str) -> Result:
    return CliRunner().invoke(freshforce, [*words])


def test_a_difference_is_told_with_both_values_and_its_trace(told: Callable[..., None]) -> None:
    told(a_report(CHANGED, explained=(WAITS,)))

    shown = run("reconcile", "acme")

    assert shown.exit_code == 1
    assert "unknown change in Salesforce: invoice 31, Opportunity a:31: Amount: not as sent" in shown.output
    assert "  Amount: sent '100.10', there '7'\n  freshforce trace acme invoice 31\n" in shown.output
    assert "waits: invoice 31, Opportunity a:32: its Account is missing" in shown.output
    assert "1 differ: 1 unknown change in Salesforce; explained: 1 waits" in shown.output
    assert "2,469,134.20" in shown.output
    assert shown.output.endswith("nothing was written; --apply turns what differs into events\n")


def test_nothing_differs_is_exit_code_0_and_what_is_explained_is_no_difference(
    told: Callable[..., None],
) -> None:
    told(a_report(explained=(WAITS,)))

    shown = run("reconcile", "acme")

    assert (shown.exit_code, shown.output.splitlines()[-1]) == (0, "nothing differs; explained: 1 waits")


def test_the_json_has_all_of_it_and_amounts_are_text(told: Callable[..., None]) -> None:
    told(a_report(CHANGED, explained=(WAITS,) * (MOST + 9)), 1)

    shown = run("reconcile", "acme", "--apply", "--json")

    found = orjson.loads(shown.output)
    assert (shown.exit_code, found["events"], found["sorts"]) == (1, 1, {"unknown change in Salesforce": 1})
    (only,) = found["differences"]
    assert only["fields"] == {"Amount": {"sent": "100.10", "there": "7"}}
    assert (only["trace"], only["page"]) == ("freshforce trace acme invoice 31", None)
    assert len(found["explained"]) == MOST + 9
    assert found["money"]["salesforce"]["CAD"]["outstanding"] == "2469134.20"


def test_a_page_is_named_where_the_pages_are_served(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "desk.json").write_text('{"port": 40123}')

    link = pages(Settings(home=tmp_path), "acme")

    said = "\n".join(lines(a_report(CHANGED), link))
    assert "http://127.0.0.1:8081/trace?connection=acme&kind=invoice&id=31" in said

    missed("desk", tmp_path)
    assert "/trace?" not in "\n".join(lines(a_report(CHANGED), pages(Settings(home=tmp_path), "acme")))


def test_of_many_that_are_explained_a_person_is_shown_some() -> None:
    said = [*lines(a_report(explained=(WAITS,) * (MOST + 9)), lambda _: "")]

    assert said[-2] == "… and 9 more that are explained; --json has all"


@pytest.mark.parametrize("more", ["--apply", "--plan"])
def test_the_past_can_neither_be_asked_nor_changed(more: str) -> None:
    shown = run("reconcile", "acme", "--as-of", "2026-10-31", more)

    assert (shown.exit_code, "--as-of tells of the past" in shown.output) == (2, True)


def test_what_is_yet_to_come_is_no_past() -> None:
    shown = run("reconcile", "acme", "--as-of", "2999-01-01")

    assert (shown.exit_code, "is yet to come" in shown.output) == (2, True)


def test_a_finance_admin_sees_each_client_and_currency_on_both_sides(told: Callable[..., None]) -> None:
    told(a_report())

    shown = run("report", "reconciliation", "acme")

    assert shown.exit_code == 1
    assert "Maple [Inc]" in shown.output
    assert "1,234,567.10" in shown.output
    assert shown.output.count("differs") == 2  # the second client's dollars, and the sum of all


def test_a_spreadsheet_gets_amounts_in_full_and_computes_no_name(told: Callable[..., None]) -> None:
    told(a_report())

    shown = run("report", "reconciliation", "acme", "--csv", "--differing")

    head, *rows = [line.split(",") for line in shown.output.splitlines()]
    assert head[:4] == ["client", "name", "currency", "freshbooks_outstanding"]
    assert rows == [
        ["8", "'=HYPERLINK(1)", "CAD", "1234567.10", "0", "0", "1234567.10", "0", "0", "yes"],
        ["8", "'=HYPERLINK(1)", "USD", "0.30", "0", "0", "0", "0", "0", "no"],
    ]


def test_where_the_mapping_writes_no_sums_the_log_is_held_against_freshbooks_and_that_is_said(
    told: Callable[..., None],
) -> None:
    told(replace(a_report(), tells_sums=False))

    shown = run("report", "reconciliation", "acme")

    assert shown.exit_code == 0
    assert "the mapping writes no sums" in shown.output
    assert "salesforce\noutstanding" not in shown.output


def test_the_past_is_told_by_the_log_on_both_sides(told: Callable[..., None]) -> None:
    told(a_report(live=False))

    found = orjson.loads(run("report", "reconciliation", "acme", "--as-of", "2026-11-02", "--json").output)

    assert found["told_by"] == "the log alone"
    assert {*found["all"]} == {"log", "salesforce"}
    assert [each["agrees"] for each in found["clients"]] == [True, False]
