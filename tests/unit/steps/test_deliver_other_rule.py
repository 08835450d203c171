"""The rule for foreign amounts changes while a row is under way, or a dead letter of it lies."""

import asyncio
from collections.abc import Iterator

from streams.domain.command import Command, SObject
from streams.domain.connection import ForeignAmount
from streams.domain.record import Record
from streams.steps.deliver import Deliver
from streams.steps.translate import Translate
from streams.topology import stages
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME, MORNING, a_client, a_record, an_invoice
from tests.fakes.books import FakeBooks
from tests.fakes.org import FakeOrg, at_once

LEAVE_OUT, WRITE = ForeignAmount.LEAVE_OUT, ForeignAmount.WRITE


class House:
    """Translate and deliver as the pipeline makes them, over tables and an org of their own."""

    def __init__(self) -> None:
        self.org = FakeOrg(at_once, at_once)
        self.settings = {ACME: A_CONNECTION}
        _, translate, deliver = stages(FakeBooks(lambda: MORNING), self.org, self.settings)
        self.translate, self.deliver = translate.make({}), deliver.make({}, {})

    def treats(self, rule: ForeignAmount) -> None:
        self.settings[ACME] = A_CONNECTION.model_copy(update={"foreign_amount": rule})

    def commands(self, record: Record) -> Iterator[Command]:
        assert isinstance(self.translate, Translate)
        return (it for it in self.translate(record) if isinstance(it, Command))

    def delivers(self, *commands: Command) -> list[Command]:
        """Bring `commands` to Salesforce; return what was written there for them."""
        before = len(self.org.written)
        asyncio.run(self._delivered(*commands))
        return self.org.written[before:]

    async def _delivered(self, *commands: Command) -> None:
        assert isinstance(self.deliver, Deliver)
        for command in commands:
            assert [*self.deliver(command, await self.deliver.ask(command))]


def a_house(*, currency: str) -> tuple[House, Command]:
    """Return a house that has delivered a client, and the Opportunity of an invoice that it has derived."""
    house = House()
    house.delivers(*house.commands(a_record(a_client())))
    (sale,) = (
        it
        for it in house.commands(a_record(an_invoice(currency=currency), at=1))
        if it.sobject is SObject.OPPORTUNITY
    )
    return house, sale


def derived_anew(house: House, currency: str) -> list[Command]:
    """Return the Opportunity as a replay derives it."""
    again = a_record(an_invoice(currency=currency), at=2)
    return [it for it in house.commands(again) if it.sobject is SObject.OPPORTUNITY]


def test_what_was_written_by_another_rule_than_it_was_derived_by_is_written_again() -> None:
    house, sale = a_house(currency="EUR")
    house.treats(WRITE)
    house.delivers(sale)
    house.treats(LEAVE_OUT)

    assert house.delivers(*derived_anew(house, "EUR")) != []


def test_what_was_written_by_the_rule_that_it_was_derived_by_is_not() -> None:
    house, sale = a_house(currency="EUR")
    house.delivers(sale)
    house.treats(WRITE)
    house.treats(LEAVE_OUT)

    assert house.delivers(*derived_anew(house, "EUR")) == []


def test_an_amount_in_the_org_s_own_currency_is_not_whatever_the_rule_was() -> None:
    house, sale = a_house(currency="USD")
    house.treats(WRITE)
    house.delivers(sale)
    house.treats(LEAVE_OUT)

    assert house.delivers(*derived_anew(house, "USD")) == []


def test_another_mapping_by_which_rows_come_out_the_same_writes_none_again() -> None:
    house, sale = a_house(currency="EUR")
    mapping = a_mapping(Phone='"{{ client.phone }}"')
    house.settings[ACME] = A_CONNECTION.model_copy(update={"mapping": mapping})
    house.delivers(sale)

    assert house.delivers(*derived_anew(house, "EUR")) == []


def test_what_was_delivered_of_a_connection_that_is_removed_meanwhile_counts_as_it_was_derived() -> None:
    house, sale = a_house(currency="EUR")
    connection = house.settings.pop(ACME)
    house.delivers(sale)
    house.settings[ACME] = connection

    assert house.delivers(*derived_anew(house, "EUR")) == []
