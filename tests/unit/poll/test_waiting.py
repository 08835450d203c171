"""Clients that wait to be matched are looked for again, and told of once the org shows something new."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
import structlog

from app.poll.waiting import MOST, Waiting
from app.salesforce.matching.score import Existing, Wanted, weigh
from app.salesforce.matching.terms import Client
from streams.domain.connection import AccountMatching, Connection
from streams.domain.errors import Permanent, Refused, Removed
from streams.domain.event import EventSource
from streams.domain.identity import ClientId, ObjectKind, SalesforceId
from streams.domain.match import Match, MatchAuthor, MatchState
from streams.domain.snapshot import Gone
from streams.ports import Reading
from tests.builders.records import A_CONNECTION, ACME, a_client
from tests.fakes.event_log import EventLog
from tests.fakes.match_book import FakeMatchBook

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CREATE, SUGGEST, ONLY = AccountMatching.CREATE, AccountMatching.SUGGEST, AccountMatching.MATCH_ONLY
LIKE_IT = Existing(SalesforceId("001000000000001AAA"), "ACME Inc.", frozenset({"Ann@acme.example"}))
BY_NAME = replace(LIKE_IT, emails=frozenset())


@dataclass
class World:
    """A book of matches, FreshBooks and an org in memory; and what was asked of them."""

    waits: Sequence[int] = (7,)
    mode: AccountMatching = ONLY
    accounts: list[Existing] = field(default_factory=list)
    gone: bool = False
    refused: Mapping[int, Permanent] = field(default_factory=dict)
    """Why FreshBooks does not let us read a client, by its number."""
    log: EventLog = field(default_factory=EventLog)
    book: FakeMatchBook = field(default_factory=FakeMatchBook)
    read: list[int] = field(default_factory=list)
    searched: list[list[Client]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for client in self.waits:
            self.put(a_match(client))

    def put(self, match: Match) -> None:
        self.book.matches[match.key] = match

    @property
    def connection(self) -> Connection:
        return A_CONNECTION.model_copy(update={"account_matching": self.mode})

    async def client(self, number: ClientId) -> Reading:
        self.read.append(number)
        if number in self.refused:
            raise self.refused[number]
        return Reading(Gone() if self.gone else a_client(number), NOON, NOON)

    async def search(self, _: Connection, clients: Sequence[Client]) -> Mapping[SalesforceId, Existing]:
        self.searched.append([*clients])
        return {it.id: it for it in self.accounts}

    def looks(self) -> Waiting:
        return Waiting(lambda: self.connection, self.book, self.client, self.search, self.log, lambda: NOON)

    def told(self) -> list[int]:
        return [event.object_id for event in self.log.events]


def a_match(client: int = 7, **more: object) -> Match:
    """Return that a client waits because no Account is like it."""
    match = Match(
        id=f"match-{client}",
        connection=ACME,
        client=ClientId(client),
        author=MatchAuthor.DELIVER,
        actor="freshforce",
        state=MatchState.PROPOSED,
        asked="hash",
        at=NOON,
    )
    return match.model_copy(update=more)


async def test_once_an_account_is_like_a_client_its_rows_are_demanded() -> None:
    world = World(accounts=[LIKE_IT])

    found = await world.looks().run_pass()

    (event,) = world.log.events
    assert (found, event.object, event.object_id) == (1, ObjectKind.CLIENT, 7)
    assert (event.source, event.action, event.alone) == (EventSource.POLL, "looked", True)


async def test_an_account_that_got_the_clients_number_by_hand_is_news() -> None:
    world = World(accounts=[replace(LIKE_IT, name="Other", emails=frozenset(), holder="p7rQW5:7")])

    assert await world.looks().run_pass() == 1


@pytest.mark.parametrize("accounts", [[], [BY_NAME]], ids=["none is like it", "the one that it knows"])
async def test_while_the_org_shows_what_it_showed_nothing_is_told(accounts: list[Existing]) -> None:
    world = World(accounts=accounts)
    world.put(a_match(candidates=weigh(Wanted("Acme"), accounts).candidates))

    assert await world.looks().run_pass() == 0
    assert len(world.searched) == 1


@pytest.mark.parametrize(("mode", "told"), [(CREATE, [7]), (SUGGEST, [7]), (ONLY, [])])
async def test_a_setting_that_lets_a_new_account_be_made_lets_those_go_whom_none_is_like(
    mode: AccountMatching, told: list[int]
) -> None:
    world = World(mode=mode)

    await world.looks().run_pass()

    assert world.told() == told


async def test_what_the_worker_leaves_to_a_person_all_the_same_is_told_once() -> None:
    world = World(accounts=[BY_NAME])
    looks = world.looks()

    assert [await looks.run_pass(), await looks.run_pass()] == [1, 0]


async def test_what_the_org_shows_once_more_after_it_was_gone_is_told_again() -> None:
    world = World()
    looks = world.looks()

    for world.accounts in ([LIKE_IT], [BY_NAME], [LIKE_IT], [], [LIKE_IT]):
        await looks.run_pass()

    assert world.told() == [7] * 4


async def test_who_waits_again_is_told_of_again() -> None:
    world = World(accounts=[LIKE_IT])
    looks = world.looks()
    for state in (MatchState.PROPOSED, MatchState.UNDONE, MatchState.PROPOSED):
        world.put(a_match(state=state))
        await looks.run_pass()

    assert world.told() == [7, 7]


async def test_freshbooks_is_asked_for_a_client_once_until_that_changes() -> None:
    world = World()
    looks = world.looks()
    for asked in ("hash", "hash", "another"):
        world.put(a_match(asked=asked))
        await looks.run_pass()

    assert world.read == [7, 7]


@pytest.mark.parametrize(
    "match",
    [a_match(state=MatchState.LINKED), a_match(after="decision")],
    ids=["who waits no longer", "whose decision could not be done"],
)
async def test_who_a_look_would_not_help_is_not_looked_for(match: Match) -> None:
    world = World(accounts=[LIKE_IT])
    world.put(match)

    assert await world.looks().run_pass() == 0
    assert (world.read, world.searched) == ([], [])


async def test_whose_decision_could_not_be_done_gets_a_new_account_once_the_setting_wants_that() -> None:
    world = World(mode=CREATE)
    world.put(a_match(after="decision"))

    await world.looks().run_pass()

    assert world.told() == [7]


async def test_of_very_many_each_has_its_turn_also_while_others_come() -> None:
    world = World(range(1, MOST + 6))
    looks = world.looks()
    await looks.run_pass()
    for client in range(MOST + 6, 2 * MOST + 1):
        world.put(a_match(client))

    for newest in range(3):
        world.put(a_match(1000 + newest))
        await looks.run_pass()

    numbers = [[int(it.external_id.partition(":")[2]) for it in clients] for clients in world.searched]
    assert numbers[1] == [*range(MOST + 1, 2 * MOST + 1)]
    assert numbers[2] == [1000, 1001, *range(1, MOST - 1)]
    assert numbers[3][:3] == [MOST - 1, MOST, MOST + 1]


async def test_a_round_gives_each_that_waits_its_turn() -> None:
    world = World(range(1, 2 * MOST + 6), accounts=[LIKE_IT])

    found = await world.looks().run_round()

    assert (found, len(world.searched)) == (2 * MOST + 5, 3)
    assert sorted(world.told()) == [*range(1, 2 * MOST + 6)]


async def test_a_round_ends_when_the_org_is_closed_meanwhile() -> None:
    world = World(range(1, MOST + 6))
    looks = world.looks()
    looks.settings = iter([world.connection, None]).__next__

    assert await looks.run_round() == 0
    assert len(world.searched) == 1


async def test_a_client_that_freshbooks_has_no_more_is_told_of_nothing() -> None:
    world = World(accounts=[LIKE_IT], gone=True)

    assert await world.looks().run_pass() == 0


@pytest.mark.parametrize("mode", [SUGGEST, ONLY])
async def test_a_client_that_freshbooks_refuses_hinders_no_other_and_is_taken_for_no_new_one(
    mode: AccountMatching,
) -> None:
    world = World((7, 8), mode, [LIKE_IT], refused={7: Refused("no", code="denied")})

    await world.looks().run_pass()

    assert world.told() == [8]


async def test_that_freshbooks_refuses_a_client_is_said_once_and_it_is_asked_again() -> None:
    world = World(refused={7: Refused("no", code="denied")})
    looks = world.looks()

    with structlog.testing.capture_logs() as said:
        await looks.run_pass()
        await looks.run_pass()

    (line,) = said
    assert (line["event"], line["client"], line["code"]) == ("matches.unread", 7, "denied")
    assert world.read == [7, 7]


async def test_a_connection_that_was_removed_ends_the_look() -> None:
    world = World((7, 8), refused={7: Removed("gone")})

    with pytest.raises(Removed):
        await world.looks().run_pass()


async def test_what_could_not_be_written_is_found_by_the_next_look() -> None:
    world = World(accounts=[LIKE_IT])
    looks, world.log.away = world.looks(), True
    with pytest.raises(ConnectionError):
        await looks.run_pass()

    world.log.away = False

    assert await looks.run_pass() == 1
