"""Rows F2, F3, F4: kill -9 exactly between two steps, placed by holding a message up on its wire; and F32.

The whole house as a user runs it, with both vendors. What is held up is lost with the process that was
killed; FreshBooks sends again what nobody answered.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import count
from random import Random
from signal import SIGKILL

import pytest
import pytest_asyncio

from app.bench.crash_plan import Strike
from app.sandbox.freshbooks.acts import Change, Create, Remove
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.people import a_client
from streams.domain.audit import Step, Verdict
from streams.steps.keep_grants import SETTLE
from streams.topics import COMMANDS, EVENTS, GRANT_REQUESTS, GRANTS, ID_MAP
from tests.builders.house import House, a_house
from tests.fakes.holding_wire import Hold, HoldingWire, Wanted
from tests.fakes.kafka_wire import Kind, is_a
from tests.fakes.wire import Way

pytestmark = pytest.mark.asyncio(loop_scope="module")

CAUGHT = 30.0
CONSENT = SETTLE + 30.0
Place = tuple[HoldingWire, Way, Wanted]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with a_house(tmp_path_factory.mktemp("house")) as whole:
        yield whole


async def killed_there(house: House, victim: str, held: Hold) -> None:
    """Kill `victim` once the message is caught; it and the message are gone, and it is started again."""
    async with asyncio.timeout(CAUGHT):
        await held.caught.wait()
    assert await house.stage.roles[victim].strike(Strike(0, victim, SIGKILL))
    held.drop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(house: House) -> int:
    """A client that has reached Salesforce."""
    (number,) = await house.act(Create(noun=Noun.CLIENT, body=a_client(Random(1))))
    await house.settled()
    return number


def renamed(client: int, name: str) -> Change:
    return Change(noun=Noun.CLIENT, id=client, body={"organization": name})


async def times_written(house: House, client: int, name: str) -> int:
    """Return how often Salesforce was told that the client has this name."""
    row = f"{house.stage.backstage.freshbooks.account_id}:{client}"
    return [write["Name"] for write in await house.writes("Account", row)].count(name)


@pytest.mark.parametrize(
    "where",
    [
        "before ours reaches the sender",
        pytest.param("before Kafka's word reaches us", marks=pytest.mark.slow),
    ],
)
async def test_f2_killed_between_keeping_and_answering_the_repeat_is_harmless(
    house: House, client: int, where: str
) -> None:
    places: dict[str, Place] = {
        "before Kafka's word reaches us": (house.kafka, Way.DOWN, is_a(Kind.PRODUCE, EVENTS.name)),
        "before ours reaches the sender": (house.door, Way.DOWN, is_webhook),
    }
    wire, way, wanted = places[where]
    before = await house.bodies()

    held = wire.hold(way, wanted)
    await house.act(renamed(client, where))
    await killed_there(house, "ingress", held)
    await house.settled()

    told = await house.bodies() - before
    assert [*told.values()] == [2], "it was not kept before the kill: nothing was tested"
    assert await times_written(house, client, where) == 1
    await house.verdict()


def is_webhook(request: bytes) -> bool:
    return request.startswith(b"POST /webhooks/")


def is_upsert(request: bytes) -> bool:
    return request.startswith(b"PATCH ")


@pytest.mark.parametrize(
    ("where", "writes"),
    [
        pytest.param("before Salesforce is called", 1, marks=pytest.mark.slow),
        ("before Salesforce's answer", 2),
        pytest.param("before the results are kept", 2, marks=pytest.mark.slow),
        ("before the commit", 1),
    ],
)
async def test_f3_killed_around_the_call_to_salesforce_it_ends_the_same(
    house: House, client: int, where: str, writes: int
) -> None:
    places: dict[str, Place] = {
        "before Salesforce is called": (house.salesforce, Way.UP, is_upsert),
        "before Salesforce's answer": (house.salesforce, Way.DOWN, is_upsert),
        "before the results are kept": (house.kafka, Way.UP, is_a(Kind.PRODUCE, ID_MAP.changelog)),
        "before the commit": (house.kafka, Way.UP, is_a(Kind.OFFSET_COMMIT, COMMANDS.name)),
    }
    wire, way, wanted = places[where]

    held = wire.hold(way, wanted)
    await house.act(renamed(client, where))
    await killed_there(house, "worker", held)
    await house.settled()

    assert await times_written(house, client, where) == writes
    await house.verdict()


def second(wanted: Wanted) -> Wanted:
    """Want the second that `wanted` wants: of a renewal's records, the pair comes after the start."""
    seen = count(1)
    return lambda message: wanted(message) and next(seen) == 2


def is_refresh(request: bytes) -> bool:
    return request.startswith(b"POST /auth/oauth/token")


@pytest.mark.parametrize(
    ("where", "lost"),
    [
        pytest.param("before the worker's ask is kept", False, marks=pytest.mark.slow),
        pytest.param("before the start is kept", False, marks=pytest.mark.slow),
        pytest.param("before Kafka's word that the start is kept", False, marks=pytest.mark.slow),
        pytest.param("before FreshBooks is asked", False, marks=pytest.mark.slow),
        ("before FreshBooks' answer", True),
        pytest.param("before the new pair is kept", True, marks=pytest.mark.slow),
        pytest.param("before Kafka's word that it is kept", False, marks=pytest.mark.slow),
        pytest.param("before the ask is committed", False, marks=pytest.mark.slow),
    ],
)
async def test_f4_killed_while_a_token_is_renewed_the_grant_works_or_asks_for_consent(
    house: House, client: int, where: str, *, lost: bool
) -> None:
    """FreshBooks gives a new pair once: `lost` with the process, only the owner's consent helps."""
    grants = is_a(Kind.PRODUCE, GRANTS.name)
    places: dict[str, Place] = {
        "before the worker's ask is kept": (house.kafka, Way.UP, is_a(Kind.PRODUCE, GRANT_REQUESTS.name)),
        "before FreshBooks is asked": (house.freshbooks, Way.UP, is_refresh),
        "before FreshBooks' answer": (house.freshbooks, Way.DOWN, is_refresh),
        "before the start is kept": (house.kafka, Way.UP, grants),
        "before Kafka's word that the start is kept": (house.kafka, Way.DOWN, grants),
        "before the new pair is kept": (house.kafka, Way.UP, second(grants)),
        "before Kafka's word that it is kept": (house.kafka, Way.DOWN, second(grants)),
        "before the ask is committed": (house.kafka, Way.UP, is_a(Kind.OFFSET_COMMIT, GRANT_REQUESTS.name)),
    }
    wire, way, wanted = places[where]
    before = await house.said(Step.KEEP_GRANTS, Verdict.NEEDS_CONSENT)

    held = wire.hold(way, wanted)
    await house.stage.backstage.control.expire_tokens()
    await house.act(renamed(client, where))
    await killed_there(house, "worker", held)
    if lost:
        async with asyncio.timeout(CONSENT):
            while await house.said(Step.KEEP_GRANTS, Verdict.NEEDS_CONSENT) == before:  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        await house.consent_again()
    await house.settled()

    asked = await house.said(Step.KEEP_GRANTS, Verdict.NEEDS_CONSENT) - before
    assert asked == lost
    assert await times_written(house, client, where) == 1
    await house.verdict()


@pytest.mark.slow
@pytest.mark.parametrize("astray", [timedelta(hours=1), timedelta(days=1), timedelta(hours=-1)])
async def test_f32_a_clock_that_jumps_neither_reorders_nor_loses(house: House, astray: timedelta) -> None:
    customer = Create(noun=Noun.CLIENT, body=a_client(Random(2)))
    (client,) = await house.act(customer)
    (kept_one,) = await house.act(an_invoice(client))
    (deleted,) = await house.act(an_invoice(client))
    await house.act(sent(kept_one), sent(deleted))
    await house.settled()

    house.jump(astray)
    try:
        await house.act(renamed(client, f"astray by {astray}"), paid(kept_one))
        await house.settled()
        await house.act(Remove(noun=Noun.INVOICE, id=deleted))
        await house.settled()
    finally:
        house.jump(timedelta())

    await house.verdict()


def an_invoice(client: int) -> Create:
    lines = [{"type": 0, "name": "Work", "qty": "1", "unit_cost": {"amount": "100.00"}}]
    body = {"customerid": client, "create_date": "2026-11-20", "currency_code": "USD", "lines": lines}
    return Create(noun=Noun.INVOICE, body=body)


def sent(invoice: int) -> Change:
    body = {"action_email": True, "email_recipients": ["payer@example.com"]}
    return Change(noun=Noun.INVOICE, id=invoice, body=body)


def paid(invoice: int) -> Create:
    amount = {"amount": "100.00", "code": "USD"}
    body = {"invoiceid": invoice, "amount": amount, "date": "2026-11-20", "type": "Check"}
    return Create(noun=Noun.PAYMENT, body=body)
