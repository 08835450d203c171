"""What one sees of the demo, and the figures it ends with."""

from collections import Counter
from io import StringIO
from typing import Any

import pytest
from rich.console import Console, RenderableType

from app.cli.demo import end
from app.demo.ending import ending, side_by_side, teller
from app.demo.judge import Books, Difference, Org
from app.demo.progress import Progress
from app.demo.screen import flow
from app.demo.summary import Counted, Summary, summed_up
from streams.topics import COMMANDS, EVENTS, RECORDS

KEYS = [
    "accepted",
    "records",
    "applied",
    "unchanged",
    "superseded",
    "parked",
    "dead_letters",
    "lost",
    "wrong",
    "salesforce_calls",
    "seconds",
]
COLUMNS = 120


def shown(what: RenderableType) -> str:
    screen = StringIO()
    Console(file=screen, width=COLUMNS).print(what)
    return screen.getvalue()


def an_invoice(number: int, **fields: Any) -> dict[str, Any]:
    money = {"amount": "1234567.00", "code": "CAD"}
    return {
        "id": number,
        "customerid": 1,
        "invoice_number": f"{number:07}",
        "vis_state": 0,
        "v3_status": "sent",
        "amount": money,
        "outstanding": money,
    } | fields


def an_account_of(invoices: list[dict[str, Any]]) -> tuple[Books, Org]:
    client = {"id": 1, "organization": "[red]García Márquez “Quality” Ltd & Co. KG[/] 044320", "vis_state": 0}
    names = {"fname": "", "lname": "", "email": ""}
    rows = [
        {
            "FreshBooks_Invoice_Id__c": f"x:{it['id']}",
            "Name": "Invoice",
            "Amount": 1234567,
            "StageName": "Won",
        }
        for it in invoices
    ]
    return Books("x", [client | names], invoices, []), Org([], rows)


def some_figures(verdicts: dict[str, int] | None = None, parked: int = 0, **counted: int) -> Summary:
    progress = Progress(verdicts=Counter(verdicts or {}), parked=parked)
    given = {"accepted": 5, "missing": 0, "calls": 3} | counted
    return summed_up(progress, [], Counted(**given, seconds=1.23))


def test_the_figures_have_these_names() -> None:
    assert list(some_figures().plain()) == KEYS


def test_a_verdict_is_counted_under_its_step() -> None:
    said = {
        "deliver:applied": 3,
        "translate:translated": 4,
        "translate:superseded": 1,
        "fetch:dead-letter": 2,
    }

    figures = some_figures(said)

    assert (figures.applied, figures.records, figures.superseded, figures.dead_letters) == (3, 5, 1, 2)


@pytest.mark.parametrize(
    ("figures", "code"),
    [
        (some_figures(), 0),
        (some_figures(missing=1), 1),
        (some_figures(parked=1), 1),
        (some_figures({"deliver:dead-letter": 1}), 1),
    ],
    ids=["all well", "a webhook lost", "a row that waits", "a dead letter"],
)
def test_the_exit_code_says_whether_all_is_well(figures: Summary, code: int) -> None:
    with pytest.raises(SystemExit) as ended:
        end(figures)

    assert ended.value.code == code


def test_the_flow_shows_what_is_done_of_what_and_how_fast() -> None:
    before = Progress(Counter({EVENTS.name: 10}), Counter({EVENTS.name: 4}))
    now = Progress(
        Counter({EVENTS.name: 30, RECORDS.name: 12, COMMANDS.name: 7}),
        Counter({EVENTS.name: 24, RECORDS.name: 12, COMMANDS.name: 3}),
        Counter({"deliver:applied": 2}),
        parked=1,
    )

    lines = shown(flow("sending invoices", now, before, 2.0)).splitlines()

    words = {line.split()[0]: line.split() for line in lines[2:6]}
    assert words["ingress"][1:3] == ["30", "10"]
    assert words["fetch"][-8:-5] == ["24", "30", "10"]
    assert "2 applied" in lines[6]
    assert "1 parked now" in lines[6]


def test_both_systems_fit_side_by_side_on_a_screen() -> None:
    books, org = an_account_of([an_invoice(1), an_invoice(2, v3_status="paid")])

    lines = shown(side_by_side(books, org, [])).splitlines()

    assert max(map(len, lines)) <= COLUMNS
    assert [line.split()[0] for line in lines if "✓" in line] == ["0000001", "0000002"]
    assert all("1234567.00 CAD" in line and line.count("1234567.00") == 3 for line in lines if "✓" in line)
    assert "[red]García" in "".join(lines), "a name is no markup"


def test_a_row_that_differs_is_marked_and_said() -> None:
    books, org = an_account_of([an_invoice(1)])
    screen = Console(file=StringIO(), width=COLUMNS)

    ending(screen, books, org, some_figures(), [Difference("Opportunity x:1", "Amount", "10", "11")])

    said = screen.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO
    assert "✗" in said
    assert "Opportunity x:1 Amount: 10 expected, 11 found" in said


def test_the_life_that_is_told_fits_on_a_screen() -> None:
    many = [{"invoiceid": 1}] * 9
    some = [{"invoiceid": 2}] * 2

    assert teller(Books("x", [], [], [*many, *some])) == 2
    assert teller(Books("x", [], [], [])) is None
