"""The whole way: webhooks, fetch, translate, deliver, the real Salesforce adapter, and the sandbox's org."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from app.salesforce.lanes.lanes import Lanes
from app.sandbox.clock import MovableClock
from app.sandbox.salesforce.auth import App
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.people import People
from app.sandbox.salesforce.profile import Profile
from streams.codec import decode, encode
from streams.domain.connection import ClosedWonWhen
from streams.domain.deadletter import DeadLetter
from streams.domain.event import Event
from streams.domain.identity import ClientId, ConnectionName, ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Invoice
from streams.loop.envelope import address, headers
from streams.ports import NO_JOINS, Joins
from streams.topics import COMMANDS, DEADLETTERS, EVENTS, RECORDS
from streams.topology import stages
from tests.builders.events import ACME, MORNING, an_event
from tests.builders.histories import CENTS, Bookkeeper, Snap, read_on
from tests.builders.records import A_CONNECTION, a_client
from tests.fakes.books import FakeBooks
from tests.fakes.broker import BrokerSink
from tests.fakes.sandbox_wire import HOME, SandboxWire
from tests.model import ACCOUNT, Row, Rows, expected, in_org, opportunity
from tests.simulation.chance import Chance
from tests.simulation.salesperson import Salesperson
from tests.simulation.worker import Faults, NoisyBroker, Worker

ONE_CURRENCY, MANY_CURRENCIES = "prepared", "multi-currency"
GAPS: Final = (0.0, 0.0, 0.3, 5.0, 40_000.0, 900_000.0)
"""Seconds between two things that people do: often none, now and then days, so that invoices fall due."""
OFTEN: Final = (0.0, 0.05, 0.25)
"""How often something goes wrong between Salesforce and us: never, now and then, or all the time."""
_READ: Final = (EVENTS.name, RECORDS.name, COMMANDS.name)
KEYS: Final = {
    "Account": "FreshBooks_Client_Id__c",
    "Contact": "FreshBooks_Contact_Id__c",
    "Opportunity": "FreshBooks_Invoice_Id__c",
}


class Mover(Bookkeeper):
    """A bookkeeper who also gives an invoice, with its payments, to another client: one deed in `moves`."""

    moves: int = 12
    """0: never."""

    def meet(self, number: int) -> None:
        """Make a client."""
        self.keep(a_client(number))

    def act(self) -> None:
        invoices = [it for it in self.objects.values() if it.kind == "invoice"]
        if self.moves and self.clients > 1 and invoices and not self.pick(self.moves):
            self._move(invoices[self.pick(len(invoices))].id)
        else:
            super().act()

    def _move(self, number: int) -> None:
        to = ClientId(7 + self.pick(self.clients))
        moved = [self.objects["invoice", number]]
        moved += [it for it in self.objects.values() if it.kind == "payment" and it.invoice == number]
        for it in moved:
            self.keep(it.model_copy(update={"client": to}))


@dataclass
class OneKey:
    """The credentials of the org's app."""

    app: App

    async def salesforce(self, _: ConnectionName, __: str) -> tuple[str, str]:
        return self.app.client_id, self.app.client_secret


@dataclass
class Whole:
    """The world of one seed, with an org that makes trouble until the end."""

    seed: int
    deeds: int
    trouble: float = 0.0
    clients: int = 1
    spoils: float = 0.0
    chance: Chance = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Chance(self.seed)
        self.any_payment = self.chance.happens(0.5)
        self.profile = self.chance.choice((ONE_CURRENCY, MANY_CURRENCIES))
        self.org = Org(Profile.named(self.profile), MovableClock(self._now), seed=self.seed)
        self.wire = SandboxWire(self.org, App(self.seed), self.chance)
        self.settings = {ACME: A_CONNECTION.model_copy(update=self._terms())}
        self.broker = NoisyBroker(2)
        self.books = FakeBooks(self._now, self._slow, self._slow)
        self.keeper = Mover(self._changed, self.chance.randrange, self.clients, CENTS)
        self.joins: Joins = NO_JOINS
        self.homes: dict[int, int] = {}
        self.salesperson = Salesperson(People(self.org), self.chance)
        self._webhooks: list[asyncio.Task[None]] = []
        self._sent = 0
        self._retried: set[str] = set()

    async def play(self) -> None:
        """Let it all happen; then let the org be well, and put back what it refused."""
        self.wire.trouble, self.wire.spoils = self.trouble, self.spoils
        changes = asyncio.create_task(self._change())
        for _ in range(self.chance.randrange(3) if self.trouble else 0):
            await self._work_for_a_while()
        while not changes.done() or self._lag:
            await self._work_to_the_end()
            if not self._lag:
                await asyncio.wait({changes}, timeout=60)
        await asyncio.gather(*self._webhooks)
        await self._work_to_the_end()
        self.wire.trouble = self.wire.spoils = 0.0
        while letters := self._new_letters():
            self._put_back(letters)
            await self._work_to_the_end()
        self.salesperson.rests(self._by_the_books())

    def meddle(self) -> None:
        """Let a person set stages while all is at rest; no invoice moves to another client after that."""
        self.keeper.moves = 0
        self.salesperson.works(KEYS["Opportunity"], self._by_the_books())

    async def again(self) -> int:
        """Read the whole log of records once more; return how many calls that costs."""
        self.wire.calls.clear()
        for spot in self.broker.logs:
            if spot[0] == RECORDS.name:
                self.broker.committed[spot] = 0
        await self._work_to_the_end()
        return self.wire.calls.total()

    def wanted(self) -> Rows:
        """Return the rows that the model computes."""
        return self.salesperson.expects(self._by_the_books())

    def _by_the_books(self) -> Rows:
        records = [decode(Record, value) for _, value, _ in self.broker.topic(RECORDS.name)]
        rows = expected(
            self.keeper.objects.values(), read_on(records), any_payment=self.any_payment, homes=self.homes
        )
        return in_org(rows, "USD" if self.profile == ONE_CURRENCY else None)

    def found(self, wanted: Rows) -> Rows:
        """Return the org's rows, as far as the model speaks of them."""
        people, held = People(self.org), {}
        accounts = {row["Id"]: row.get(KEYS["Account"]) for row in people.rows("Account")}
        for sobject, key in KEYS.items():
            for row in people.rows(sobject):
                name = (sobject, str(row.get(key)))
                if name in wanted:
                    held[name] = _as_the_model(row, wanted[name], accounts)
        return held

    def _terms(self) -> Mapping[str, Any]:
        won_when = ClosedWonWhen.ANY_PAYMENT if self.any_payment else ClosedWonWhen.PAID
        return {"salesforce_domain": HOME, "api_share": 1.0, "closed_won_when": won_when}

    async def _change(self) -> None:
        for number in range(self.clients):
            self.keeper.meet(7 + number)
        for _ in range(self.deeds):
            await asyncio.sleep(self.chance.choice(GAPS))
            self._deed()

    def _deed(self) -> None:
        self.keeper.act()

    def _changed(self, it: Snap) -> None:
        """FreshBooks has a new state; its webhook comes late, and perhaps twice."""
        self.books.put(ACME, it)
        if isinstance(it, Invoice) and it.status != "draft":
            stage = opportunity(it, {}, [], any_payment=self.any_payment)["StageName"]
            self.salesperson.hears(f"{ACCOUNT}:{it.id}", stage)
        for _ in range(2 if self.chance.happens(0.3) else 1):
            self._webhooks.append(asyncio.create_task(self._webhook(ObjectKind(it.kind), it.id)))

    async def _webhook(self, kind: ObjectKind, number: int) -> None:
        await self.chance.a_while(3)
        self._sent += 1
        self._event(an_event(kind, number, nth=self._sent))

    def _event(self, event: Event) -> None:
        topic, key = address(event)
        spot = (topic, BrokerSink(self.broker).partition(key))
        self.broker.append(spot, [(key, encode(event), headers(event))])

    @property
    def _lag(self) -> int:
        read = (spot for spot in self.broker.logs if spot[0] in _READ)
        return sum(len(self.broker.logs[spot]) - self.broker.committed[spot] for spot in read)

    async def _work_for_a_while(self) -> None:
        """Let a worker work, and die."""
        worker, lanes = self._worker(Faults())
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(worker.died), self.chance.random() * 3)
        lanes.close()
        await worker.crash()

    async def _work_to_the_end(self) -> None:
        """Let workers work until nothing is left to be done."""
        while self._lag:
            worker, lanes = self._worker(Faults(uncommitted=0))
            while self._lag and not worker.died.done():  # noqa: ASYNC110 - commits ring no bell
                await asyncio.sleep(0.5)
            lanes.close()
            await worker.crash()

    def _worker(self, faults: Faults) -> tuple[Worker, Lanes]:
        lanes = Lanes(self.settings, OneKey(self.wire.app), self.wire, chance=self.chance)
        made = stages(self.books, lanes, self.settings, self.joins)
        worker = Worker(self.broker, made, self.chance, faults)
        worker.start()
        return worker, lanes

    def _new_letters(self) -> list[DeadLetter]:
        letters = [decode(DeadLetter, value) for _, value, _ in self.broker.topic(DEADLETTERS.name)]
        return [it for it in letters if it.id not in self._retried]

    def _put_back(self, letters: list[DeadLetter]) -> None:
        """Do what `freshforce deadletters retry` does."""
        self._retried |= {letter.id for letter in letters}
        for letter in letters:
            place = letter.place
            self.broker.append((place.topic, place.partition), [(letter.original_key, letter.original, [])])

    async def _slow(self, _: object) -> None:
        await self.chance.a_while(0.3)

    def _now(self) -> datetime:
        try:
            passed = asyncio.get_running_loop().time()
        except RuntimeError:  # the scene is only being set
            passed = 0.0
        return MORNING + timedelta(seconds=passed)


def _as_the_model(row: Mapping[str, Any], wanted: Row, accounts: Mapping[str, Any]) -> Row:
    """Return a row of the org with the fields that the model names, written as the model writes them."""
    shown: Row = {}
    for name, value in wanted.items():
        is_ = accounts.get(str(row.get("AccountId"))) if name == "Account" else row.get(name)
        shown[name] = Decimal(str(is_)) if isinstance(value, Decimal) and is_ is not None else is_
    return shown
