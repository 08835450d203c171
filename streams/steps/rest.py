"""Which clients are at rest: Salesforce holds every row that their books call for, and nothing of them waits.

It is found out by deriving all rows of a client once more, with today's mapping, and is then remembered, in
this process alone, until anything of the client is handled. No mark is trusted that another release, another
mapping or another worker left behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, TypeVar

from streams.domain.command import FOUND
from streams.domain.identity import client_of
from streams.ledger.books import Books
from streams.ledger.facts import Standing
from streams.ledger.pages import InvoicePage
from streams.mapping.row import Row, content
from streams.mapping.rows import every
from streams.mapping.rules import Rules
from streams.steps.id_map import IdMap, row_key
from streams.steps.parked import Parked

T = TypeVar("T")

MOST: Final = 20_000
"""Clients that are remembered; of more, those that were found first are looked at anew."""
LARGEST: Final = 5_000
"""Rows, and invoices, of the largest client that is looked at: it is done in one go, 12 µs a row."""
PATIENCE: Final = 4
"""For each page or row that was looked at in vain, so many of the client's records pass before the next."""


@dataclass(slots=True)
class Rest:
    """The clients of one partition that were found at rest."""

    map: IdMap
    lots: Parked
    _found: dict[str, str] = field(default_factory=dict)
    """By client: the version of the rules."""
    _patience: dict[str, int] = field(default_factory=dict)

    def stirred(self, key: str) -> None:
        """Note that something of a client is handled: whether it is at rest has to be found out anew."""
        self._found.pop(key, None)

    def known(self, key: str, rules: Rules) -> bool:
        """Tell whether a client was found at rest, and not stirred since."""
        return self._found.get(key) == rules.version

    def look(self, key: str, rules: Rules, books: Books) -> bool:
        """Find out whether a client is at rest, unless that was in vain a short while ago."""
        if left := self._patience.get(key, 0):
            self._patience[key] = left - 1
            return False
        most = 1 + books.head.invoices + LARGEST
        for looked, held in enumerate(self._looks(key, rules, books), start=1):
            if looked > most or not held:
                _remember(self._patience, key, PATIENCE * looked)
                return False
        _remember(self._found, key, rules.version)
        return True

    def _looks(self, key: str, rules: Rules, books: Books) -> Iterator[bool]:
        """Yield whether nothing waits, then whether each page is whole, then whether each row is held.

        Rows that hang on other clients' books, too, are not looked at: those are said again each time.
        """
        of_others = books.client.decided or books.head.members
        waits = self.lots.lot(key) or self.map.doubted(key)
        yield books.head.revision > 0 and books.head.invoices <= LARGEST and not (of_others or waits)
        for number in books.invoices():
            yield _whole(books.invoice(number), itemised=rules.mapping.lines)
        for row in every(rules, client_of(key), books):
            yield self._held(key, row, rules)

    def _held(self, key: str, row: Row, rules: Rules) -> bool:
        """Tell whether Salesforce holds a row, as far as it was delivered.

        One that only people make may have been looked for in vain: only another state looks again.
        """
        known = self.map.of(row_key(f"{key}:{row.sobject.value}:{row.external_id}"))
        settled = known.there or (known.sought and row.sobject in FOUND)
        return bool(settled) and known.content == bytes.fromhex(content(row, rules.terms.treat))[:8]


def _whole(page: InvoicePage, *, itemised: bool) -> bool:
    """Tell whether an invoice is its client's still, and has its lines where they are sold."""
    if page.standing is Standing.MOVED:
        return False
    if not itemised or page.facts is None:
        return True
    return page.lines is not None and page.lines.version == page.facts.version


def _remember(where: dict[str, T], key: str, what: T) -> None:
    where.pop(key, None)
    if len(where) >= MOST:
        del where[next(iter(where))]
    where[key] = what
