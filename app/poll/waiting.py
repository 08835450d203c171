"""People make Accounts for clients that wait to be matched: no event tells of it, so somebody looks."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import structlog

from app.poll.poller import Produce
from app.salesforce.matching.book import MatchBook
from app.salesforce.matching.question import wanted_in
from app.salesforce.matching.score import Existing, Wanted, weigh
from app.salesforce.matching.terms import Client
from streams.domain.connection import AccountMatching, Connection
from streams.domain.errors import Permanent, Removed
from streams.domain.event import LOOKED, Event, EventSource
from streams.domain.identity import ClientId, EventId, ObjectKind, SalesforceId, demanded_at, digest
from streams.domain.match import Match, MatchState
from streams.domain.matches import of_connection
from streams.domain.snapshot import Client as Snapshot
from streams.domain.version import version
from streams.ledger.facts import ClientFacts
from streams.ledger.head import Head
from streams.ledger.pages import ClientPage
from streams.loop.contract import Clock
from streams.mapping.rows import account
from streams.mapping.rules import Rules
from streams.mapping.terms import Terms
from streams.ports import Reading

MOST: Final = 200
"""Clients that one look is about; the next one is about those behind them."""

Search = Callable[[Connection, Sequence[Client]], Awaitable[Mapping[SalesforceId, Existing]]]
"""Returns every Account that may be one of the clients, or carries the number of one."""

_log = structlog.get_logger(__name__)


class _Asked(NamedTuple):
    """A client that waits, and the hash of what it was looked for by."""

    client: ClientId
    by: str


@dataclass(slots=True)
class Waiting:
    """Makes an event of each client that waits for a person once the org shows something new about it.

    The worker decides: the event demands the client's rows, and with them another look. FreshBooks is asked
    for a client once, as long as it waits and is looked for by the same.
    """

    settings: Callable[[], Connection | None]
    """The connection as it is now; None while its org is not to be asked."""
    book: MatchBook
    read: Callable[[ClientId], Awaitable[Reading]]
    search: Search
    produce: Produce
    clock: Clock
    _known: dict[_Asked, Wanted] = field(default_factory=dict, init=False)
    _told: dict[ClientId, EventId] = field(default_factory=dict, init=False)
    """What was told last of a client, while the org shows it."""
    _refused: dict[ClientId, str] = field(default_factory=dict, init=False)
    """Why FreshBooks did not let us read a client, as the log was told."""
    _last: int = field(default=0, init=False)
    """The client that the last look ended with."""
    _behind: int = field(default=0, init=False)
    """How many wait after that one."""

    async def run_round(self) -> int:
        """Look until each that waits had its turn; return how many events were produced.

        Raises:
            FreshforceError: as `run_pass`; what was found until then is told.
        """
        found = await self.run_pass()
        while self._behind:
            found += await self.run_pass()
        return found

    async def run_pass(self) -> int:
        """Look once; return how many events were produced.

        Raises:
            FreshforceError: FreshBooks or the org cannot be asked now.
        """
        self._behind, connection = 0, self.settings()
        if connection is None:
            return 0
        await self.book.caught_up()
        known, mode = of_connection(self.book.matches, connection.name), connection.account_matching
        turn = self._turn([it for it in known if _waits(it, mode)])
        return await self._tell(connection, await self._shown(connection, turn))

    def _turn(self, waits: Sequence[Match]) -> list[Match]:
        """Return whose turn it is; forget what is known of those that wait no longer."""
        there, clients = {_asked(it) for it in waits}, {it.client for it in waits}
        self._known = {asked: it for asked, it in self._known.items() if asked in there}
        self._refused = {client: code for client, code in self._refused.items() if client in clients}
        self._told = {client: told for client, told in self._told.items() if client in clients}
        behind = [it for it in waits if it.client > self._last]
        turn = [*behind, *(it for it in waits if it.client <= self._last)][:MOST]
        self._last, self._behind = turn[-1].client if turn else 0, max(0, len(behind) - len(turn))
        return turn

    async def _shown(self, connection: Connection, turn: Sequence[Match]) -> list[tuple[Match, str | None]]:
        """Return the clients that were looked for, and what the org shows of each that is new."""
        if not turn or connection.account_matching is AccountMatching.CREATE:
            return [(match, "none is looked for") for match in turn]
        clients = [(it, client) for it in turn if (client := await self._client(connection, it))]
        accounts = await self.search(connection, [client for _, client in clients])
        return [(it, _shown(connection, it, client, accounts)) for it, client in clients]

    async def _tell(self, connection: Connection, looked: Sequence[tuple[Match, str | None]]) -> int:
        """Tell of whom the org shows something else than was told last; return of how many."""
        events: dict[ClientId, Event] = {}
        for match, shown in looked:
            if shown is None:
                self._told.pop(match.client, None)
            elif (event := self._event(connection, match, shown)).id != self._told.get(match.client):
                events[match.client] = event
        if events:
            await self.produce([*events.values()])
        self._told |= {client: event.id for client, event in events.items()}
        return len(events)

    async def _client(self, connection: Connection, match: Match) -> Client | None:
        """Return the client as it is looked for; None, this time, of one that FreshBooks refuses."""
        asked = _asked(match)
        if asked not in self._known:
            try:
                self._known[asked] = _wanted(connection, match.client, await self.read(match.client))
            except Removed:
                raise
            except Permanent as refused:
                self._say_refused(match, refused)
                return None
            self._refused.pop(match.client, None)
        return Client(Terms.of(connection).external_id(match.client), self._known[asked])

    def _say_refused(self, match: Match, why: Permanent) -> None:
        """Say once, not at each look, that a client cannot be looked for."""
        if self._refused.get(match.client) != why.code:
            _log.warning("matches.unread", connection=match.connection, client=match.client, code=why.code)
        self._refused[match.client] = why.code

    def _event(self, connection: Connection, match: Match, shown: str) -> Event:
        at = self.clock()
        parts = (connection.name, str(connection.life), str(match.client), match.id, shown)
        return Event(
            id=EventId(digest("looked", *parts)),
            connection=connection.name,
            object=ObjectKind.CLIENT,
            object_id=match.client,
            action=LOOKED,
            source=EventSource.POLL,
            received_at=at,
            nonce=demanded_at(at),
        )


def _waits(match: Match, mode: AccountMatching) -> bool:
    """Tell whether a look may help; what a person decided, and could not be done, only a person can mend.

    Where the setting looks for nobody, it lets go of these as well.
    """
    return match.state is MatchState.PROPOSED and (not match.after or mode is AccountMatching.CREATE)


def _asked(match: Match) -> _Asked:
    return _Asked(match.client, match.asked)


def _wanted(connection: Connection, client: ClientId, reading: Reading) -> Wanted:
    """Return what the worker looks for a client by; nothing of one that is gone."""
    if not isinstance(reading.snapshot, Snapshot):
        return Wanted()
    facts = ClientFacts.of(version(reading.changed_at, reading.read_at), reading.snapshot)
    row = account(Rules.of(connection), client, ClientPage(facts), Head())
    return Wanted() if row is None else wanted_in(row.fields)


def _shown(
    connection: Connection, match: Match, client: Client, accounts: Mapping[SalesforceId, Existing]
) -> str | None:
    """Return what the org shows of a client that it did not show before, for the id of its event."""
    if any(it.holder == client.external_id for it in accounts.values()):
        return "an Account carries its number"
    found = weigh(client.wanted, accounts.values()).candidates
    if not found and connection.account_matching is AccountMatching.SUGGEST:
        return "it is new"
    return None if found == match.candidates else digest(*(it.model_dump_json() for it in found))
