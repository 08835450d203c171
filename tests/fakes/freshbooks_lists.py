"""FreshBooks' lists, as the poller asks for them."""

from collections.abc import AsyncIterator, Sequence
from datetime import date

from app.freshbooks.client import Due, Listed
from streams.domain.errors import Refused
from streams.domain.identity import ConnectionName, ObjectKind


class FreshBooksLists:
    """Lists as given; remembers from which day it was asked, and refuses while it is told to."""

    def __init__(self, *findings: Listed, deleted: Sequence[Listed] = ()) -> None:
        self.active, self.deleted = list(findings), list(deleted)
        self.dues: list[Due] = []
        self.asked: list[date | None] = []
        self.asked_due: list[tuple[date, date]] = []
        self.refusals = 0
        """How many more times it refuses."""
        self.broken = False
        """Whether it fails as only a bug does."""

    async def changed(
        self, connection: ConnectionName, kind: ObjectKind, since: date | None, *, deleted: bool
    ) -> AsyncIterator[Listed]:
        """Yield what is on the list of this kind."""
        assert connection == "acme"
        self.asked.append(since)
        if self.broken:
            raise ZeroDivisionError
        if self.refusals:
            self.refusals -= 1
            reason, mend = "403", "consent again"
            raise Refused(reason, mend)
        for finding in self.deleted if deleted else self.active:
            if finding.kind is kind:
                yield finding

    async def how_many(
        self, connection: ConnectionName, kind: ObjectKind, since: date | None, *, deleted: bool
    ) -> int:
        """Count what is on the list of this kind."""
        return len([it async for it in self.changed(connection, kind, since, deleted=deleted)])

    async def due(self, connection: ConnectionName, first: date, before: date) -> AsyncIterator[Due]:
        """Yield what is due in those days."""
        assert connection == "acme"
        self.asked_due.append((first, before))
        for due in self.dues:
            if first <= due.on < before:
                yield due
