"""What users do in FreshBooks meanwhile: a steady stream of changes, drawn from a seed."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from app.sandbox.control import FreshBooksControl
from app.sandbox.freshbooks.acts import Act, Change, Create, Remove, Tell
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.people import PAYMENT_TYPES, a_client

DAY: Final = "2026-11-20"
PER_CALL: Final = 5
"""Acts in one call to the sandbox."""
FEW: Final = 20
"""Clients and invoices that are there before anything is changed."""

Learn = Callable[[int], None]


@dataclass(slots=True)
class Invoice:
    """What the users know of an invoice."""

    number: int
    client: int
    currency: str
    owed: Decimal


@dataclass(slots=True)
class Traffic:
    """Draws acts and remembers what they made, so that every act is possible."""

    chance: random.Random
    clients: dict[int, str] = field(default_factory=dict)
    """Currency by client."""
    invoices: list[Invoice] = field(default_factory=list)
    payments: list[int] = field(default_factory=list)
    acted: int = 0

    async def run(self, control: FreshBooksControl, per_second: float, until: asyncio.Event) -> None:
        """Act at a steady rate until told to stop."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not until.is_set():
            await self.act(control, PER_CALL)
            due += PER_CALL / per_second
            await asyncio.sleep(max(0.0, due - loop.time()))

    async def act(self, control: FreshBooksControl, count: int) -> None:
        """Do `count` things in one call."""
        planned = [self._draw() for _ in range(count)]
        ids = await control.act([act for act, _ in planned])
        for (_, learn), number in zip(planned, ids, strict=True):
            learn(number)
        self.acted += count

    def _draw(self) -> tuple[Act, Learn]:
        if len(self.clients) < FEW:
            return self._client()
        if len(self.invoices) < FEW:
            return self._invoice()
        draws = (self._client, self._invoice, self._reprice, self._send, self._pay, self._rename, self._rare)
        return self.chance.choices(draws, weights=(4, 18, 28, 16, 20, 8, 6))[0]()

    def _client(self) -> tuple[Act, Learn]:
        body = a_client(self.chance)

        def learn(number: int) -> None:
            self.clients[number] = body["currency_code"]

        return Create(noun=Noun.CLIENT, body=body), learn

    def _invoice(self) -> tuple[Act, Learn]:
        client, currency = self.chance.choice([*self.clients.items()])
        lines, total = self._lines()
        body = {"customerid": client, "create_date": DAY, "currency_code": currency, "lines": lines}

        def learn(number: int) -> None:
            self.invoices.append(Invoice(number, client, currency, total))

        return Create(noun=Noun.INVOICE, body=body), learn

    def _reprice(self) -> tuple[Act, Learn]:
        invoice = self.chance.choice(self.invoices)
        lines, invoice.owed = self._lines()
        return Change(noun=Noun.INVOICE, id=invoice.number, body={"lines": lines}), _nothing

    def _send(self) -> tuple[Act, Learn]:
        invoice = self.chance.choice(self.invoices)
        body = {"action_email": True, "email_recipients": ["payer@example.com"]}
        return Change(noun=Noun.INVOICE, id=invoice.number, body=body), _nothing

    def _pay(self) -> tuple[Act, Learn]:
        invoice = self.chance.choice(self.invoices)
        amount = {"amount": str(invoice.owed / self.chance.choice((1, 2, 4))), "code": invoice.currency}
        kind = self.chance.choice(PAYMENT_TYPES)
        body = {"invoiceid": invoice.number, "amount": amount, "date": DAY, "type": kind}
        return Create(noun=Noun.PAYMENT, body=body), self.payments.append

    def _rename(self) -> tuple[Act, Learn]:
        body = {key: value for key, value in a_client(self.chance).items() if key != "currency_code"}
        return Change(noun=Noun.CLIENT, id=self.chance.choice([*self.clients]), body=body), _nothing

    def _rare(self) -> tuple[Act, Learn]:
        """Refund, delete an invoice, or say again what was said."""
        if self.payments and self.chance.random() < 0.5:  # noqa: PLR2004  # half of them
            payment = self.payments.pop(self.chance.randrange(len(self.payments)))
            return Remove(noun=Noun.PAYMENT, id=payment), _nothing
        at = self.chance.randrange(len(self.invoices))
        if len(self.invoices) > FEW and self.chance.random() < 0.4:  # noqa: PLR2004  # the rest are repeats
            return Remove(noun=Noun.INVOICE, id=self.invoices.pop(at).number), _nothing
        return Tell(noun=Noun.INVOICE, id=self.invoices[at].number), _nothing

    def _lines(self) -> tuple[list[dict[str, Any]], Decimal]:
        """Return the lines of an invoice, hardly ever the same twice, and their total."""
        total = Decimal(self.chance.randrange(400, 4_000_000)) / 100 * 4
        return [{"type": 0, "name": "Work", "qty": "1", "unit_cost": {"amount": str(total)}}], total


def _nothing(_: int) -> None:
    """Learn nothing new."""
