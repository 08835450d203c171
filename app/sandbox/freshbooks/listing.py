"""Lists: which rows, in which order, which page of them."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import date
from math import ceil
from typing import Any

from app.sandbox.freshbooks.balances import balances
from app.sandbox.freshbooks.bodies import digits
from app.sandbox.freshbooks.books import Books
from app.sandbox.freshbooks.columns import COLUMNS
from app.sandbox.freshbooks.filters import day_of, tests_of
from app.sandbox.freshbooks.moments import eastern_day
from app.sandbox.freshbooks.nouns import PLACES, Noun
from app.sandbox.freshbooks.query import Query
from app.sandbox.freshbooks.rows import ClientRow, Vis
from app.sandbox.freshbooks.shelf import Shelf
from app.sandbox.freshbooks.shown import Shown
from app.sandbox.freshbooks.switches import Switches

REMEMBERED = 32
CLIENT_FIELDS = {"customerid", "clientid", "userid"}
HAS = {
    "has_outstanding": "outstanding_balance",
    "has_draft": "draft_balance",
    "has_overdue": "overdue_balance",
}
HAS["has_credit"] = "credit_balance"


class Listing:
    """Answers lists; a walk through the pages of an unchanged list does not search it again."""

    def __init__(self, books: Books, shown: Shown, switches: Switches) -> None:
        self._books = books
        self._shown = shown
        self._switches = switches
        self._found: OrderedDict[tuple[Any, ...], Sequence[int]] = OrderedDict()

    def page(self, noun: Noun, query: Query) -> dict[str, Any]:
        """Return one page with its envelope; a page past the end is empty, not an error."""
        ids = self.ids(noun, query)
        number, per_page = query.page
        rows = self._books.shelf(noun).rows
        wanted = ids[(number - 1) * per_page : number * per_page]
        total = len(ids) + self._switches.hidden_rows_in_total
        return {
            PLACES[noun].plural: [self._shown(rows[row_id], query.includes) for row_id in wanted],
            "page": number,
            "pages": ceil(total / per_page),
            "per_page": per_page,
            "total": total,
        }

    def ids(self, noun: Noun, query: Query) -> Sequence[int]:
        """Return the ids of all rows that `query` finds, in its order."""
        today = eastern_day(self._books.clock.now())
        revisions = (self._books.shelf(noun).revision, self._books.invoices.revision)
        key = (noun, query.search, query.sort, today, self._switches.sort_by_any_column, *revisions)
        if key not in self._found:
            self._found[key] = self._ordered(noun, query, self._matching(noun, query, today))
            if len(self._found) > REMEMBERED:
                self._found.popitem(last=False)
        return self._found[key]

    def _matching(self, noun: Noun, query: Query, today: date) -> list[int]:
        """Return the ids of the rows that match, ascending."""
        shelf, search = self._books.shelf(noun), dict(query.search)
        if not search:
            return list(shelf.shown())
        tests = tests_of(query.search, COLUMNS[noun])
        clock = today if self._switches.overdue_by_the_clock else None
        hides_deleted = "vis_state" not in search
        return [
            row_id
            for row_id in _candidates(shelf, noun, search)
            if all(test(shelf.rows[row_id], clock) for test in tests)
            and not (hides_deleted and shelf.rows[row_id].vis_state == Vis.DELETED)
            and (noun is not Noun.CLIENT or self._has(shelf.rows[row_id], search, today))
        ]

    def _has(self, client: ClientRow, search: dict[str, tuple[str, ...]], today: date) -> bool:
        """Tell whether a client has the balances that `has_...` filters ask for."""
        asked = {
            HAS[name]: values[0].lower() in {"true", "1"} for name, values in search.items() if name in HAS
        }
        if not asked:
            return True
        rows = self._books.invoices.rows
        owed = balances((rows[n] for n in self._books.invoices.of_client(client.id)), today)
        return all(bool(owed[name]) is wanted for name, wanted in asked.items())

    def _ordered(self, noun: Noun, query: Query, ids: list[int]) -> Sequence[int]:
        """Order ascending ids as `sort` says: newest first without it, by id if it is not understood."""
        if not query.sort:
            return ids[::-1]
        field, _, way = query.sort.rpartition("_")
        column = COLUMNS[noun].get(field)
        if way not in {"asc", "desc"} or column is None:
            return ids
        if column is COLUMNS[noun]["id"] or not self._switches.sort_by_any_column:
            return ids[::-1] if way == "desc" else ids
        rows = self._books.shelf(noun).rows
        if field == "updated":
            return sorted(ids, key=lambda n: rows[n].updated, reverse=way == "desc")
        return sorted(ids, key=lambda n: column.get(rows[n], None), reverse=way == "desc")


def _candidates(shelf: Shelf[Any], noun: Noun, search: dict[str, tuple[str, ...]]) -> Sequence[int]:
    """Return the fewest ids that an index narrows the search to."""
    client = next((search[field] for field in sorted(CLIENT_FIELDS) if field in search), None)
    if client is not None and noun is not Noun.CLIENT and digits(client[0]) is not None:
        return sorted(row_id for one in client for row_id in shelf.of_client(digits(one) or 0))
    bounds = [search.get("updated_min"), search.get("updated_max")]
    if any(bounds):
        first, before = (day_of(bound[0], "updated") if bound else None for bound in bounds)
        return shelf.of_days(first, before)
    states = search.get("vis_state")
    if states and len(states) == 1 and (state := digits(states[0])) is not None:
        return shelf.of_state(state)
    return shelf.shown() if not states else sorted(shelf.rows)
