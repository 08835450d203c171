"""A person in the org who sets stages, and what must come of that; shares no rule with the product."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from app.sandbox.salesforce.people import People
from tests.model import Row, Rows
from tests.simulation.chance import Chance

OPEN: Final = ("Prospecting", "Value Proposition", "Negotiation/Review")
CLOSED: Final = ("Closed Won", "Closed Lost")


@dataclass
class Salesperson:
    """Sets the stage of some Opportunities while the books are at rest."""

    people: People
    chance: Chance
    chosen: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By invoice: the closed stage that it was taken out of (or what it was), and the one that was chosen."""
    since: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """By invoice: the stages that the books would have given it since then."""

    def works(self, key: str, rows: Rows) -> None:
        """Move about half of the Opportunities that are there."""
        for row in self.people.rows("Opportunity"):
            number = str(row.get(key))
            if ("Opportunity", number) in rows and self.chance.happens(0.5):
                self._moves(number, row)

    def rests(self, rows: Rows) -> None:
        """Take stock while all is at rest: what the books say by now came after the person's work."""
        for number, (was, chosen) in self.chosen.items():
            books = str(rows.get(("Opportunity", number), {}).get("StageName", ""))
            if not books:
                continue
            stages = outcomes(was, chosen, books, self.since[number])
            if len(stages) == 1:
                self.since[number].clear()
            if chosen in OPEN and stages == {chosen if books in OPEN else books}:
                self.chosen[number] = ("", chosen)

    def hears(self, number: str, stage: object) -> None:
        """Note which stage the books would give by now."""
        self.since[number].add(str(stage))

    def expects(self, rows: Rows) -> Rows:
        """Return the rows with the stages that the person's work leaves."""
        return {name: self._expected(name[1], row) for name, row in rows.items()}

    def _moves(self, number: str, row: dict[str, Any]) -> None:
        was = str(row["StageName"])
        stage = self.chance.choice([it for it in OPEN + CLOSED if it != was])
        self.people.edit("Opportunity", row["Id"], {"StageName": stage})
        self.chosen[number] = (was, stage)
        self.since[number].clear()

    def _expected(self, number: str, row: Row) -> Row:
        if "StageName" not in row or number not in self.chosen:
            return row
        stages = outcomes(*self.chosen[number], str(row["StageName"]), self.since[number])
        if len(stages) == 1:
            return {**row, "StageName": stages.pop()}
        return {name: value for name, value in row.items() if name != "StageName"}


def outcomes(was: str, chosen: str, books: str, since: Iterable[str]) -> set[str]:
    """Return the stages that may stand in the end, when the books say `books` at last.

    What a person closed stays. What a person left open stays as long as the books are open, also when money
    came and went. Money that comes after it closes it; only where the person had opened again just what the
    books say at last, it depends on whether we saw the books change meanwhile.
    """
    if chosen in CLOSED or books not in CLOSED:
        return {chosen}
    if books != was:
        return {books}
    return {chosen} if set(since) <= {was} else {chosen, books}
