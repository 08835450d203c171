"""Which clients are at rest: whoever is has nothing to say when the log is read once more."""

import asyncio
from collections.abc import Sequence

import pytest

from streams.domain.command import Command
from streams.domain.errors import Misconfigured
from streams.domain.identity import ClientId
from streams.domain.joined import Joined
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.steps import rest
from streams.steps.deliver import Deliver
from streams.steps.id_map import IdMap, row_key
from streams.steps.rest import PATIENCE
from streams.steps.translate import Translate
from tests.builders.itemised import itemising
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME, MORNING, a_client, a_payment, a_record, an_invoice
from tests.fakes.org import FakeOrg, at_once

SEVEN = b"acme:7"
ALIKE = a_mapping(Phone='"{{ client.phone }}"')
"""Another mapping, by which rows come out the same."""


class House:
    """Translate and deliver of one partition, side by side."""

    def __init__(self) -> None:
        self.tables: list[dict[bytes, bytes]] = [{}, {}, {}]
        self.org = FakeOrg(at_once, at_once)
        self.settings = {ACME: A_CONNECTION}
        self.begin()

    def begin(self) -> None:
        """Begin anew, as a worker does that was started again."""
        ledger, id_map, parked = self.tables
        self.deliver = Deliver(self.org, id_map, parked)
        self.translate = Translate(ledger, self.settings, self.deliver.rest)

    def takes(self, *records: Record) -> None:
        """Bring records to Salesforce."""
        for record in records:
            self.delivers([it for it in self.translate(record) if isinstance(it, Command)])

    def delivers(self, commands: Sequence[Command]) -> None:
        asyncio.run(self._delivered(commands))

    async def _delivered(self, commands: Sequence[Command]) -> None:
        for command in commands:
            assert [*self.deliver(command, await self.deliver.ask(command))]

    def maps(self, text: str) -> None:
        self.settings[ACME] = A_CONNECTION.model_copy(update={"mapping": text})


@pytest.fixture
def house() -> House:
    house = House()
    house.takes(a_record(a_client()), a_record(an_invoice(), at=1), a_record(a_payment(), at=2))
    return house


def test_a_client_whose_rows_are_all_delivered_is_at_rest(house: House) -> None:
    assert house.translate.rests(SEVEN)


def test_so_it_is_for_a_worker_that_was_started_again(house: House) -> None:
    house.begin()

    assert house.translate.rests(SEVEN)


def test_a_client_never_seen_is_not(house: House) -> None:
    assert not house.translate.rests(b"acme:8")


def test_news_whose_commands_are_not_concluded_stir_it(house: House) -> None:
    news = [*house.translate(a_record(an_invoice(amount="7.00"), at=3))]

    assert not house.translate.rests(SEVEN)

    house.begin()  # the patience of the one before is gone
    house.delivers([it for it in news if isinstance(it, Command)])

    assert house.translate.rests(SEVEN)


def test_what_deliver_handles_stirs_it(house: House) -> None:
    assert house.translate.rests(SEVEN)
    (account, *_) = (it for it in house.translate(a_record(a_client(), at=4)) if isinstance(it, Command))
    assert house.translate.rests(SEVEN)

    IdMap(house.tables[1]).lose(row_key(account.row))

    assert house.translate.rests(SEVEN)  # nobody told it
    house.deliver.buried(account)
    assert not house.translate.rests(SEVEN)


@pytest.mark.parametrize("of", ["Account", "Contact", "Opportunity"])
def test_a_row_of_which_nobody_knows_what_it_holds_keeps_it_awake(house: House, of: str) -> None:
    number = 31 if of == "Opportunity" else 7
    IdMap(house.tables[1]).unsure(row_key(f"acme:7:{of}:p7rQW5:{number}"))

    assert not house.translate.rests(SEVEN)


def test_an_order_that_was_looked_for_in_vain_is_not_looked_for_again(house: House) -> None:
    order = IdMap(house.tables[1]).of(row_key("acme:7:Order:p7rQW5:31"))

    assert not order.there
    assert house.translate.rests(SEVEN)


def test_without_its_id_map_all_is_said_again(house: House) -> None:
    house.tables[1].clear()

    assert not house.translate.rests(SEVEN)


def test_an_account_that_was_lost_once_keeps_it_awake(house: House) -> None:
    (account, *_) = (it for it in house.translate(a_record(a_client(), at=4)) if isinstance(it, Command))
    IdMap(house.tables[1]).doubt(account)

    assert not house.translate.rests(SEVEN)


def test_a_failed_row_keeps_it_awake(house: House) -> None:
    (*_, sale) = (
        it for it in house.translate(a_record(an_invoice(amount="9.00"), at=3)) if isinstance(it, Command)
    )
    house.deliver.buried(sale)

    assert not house.translate.rests(SEVEN)


def test_another_mapping_of_its_rows_wakes_it_and_an_equal_one_does_not(house: House) -> None:
    house.maps(a_mapping(BillingCity='{ literal = "Elsewhere" }'))
    house.begin()
    assert not house.translate.rests(SEVEN)

    house.maps(ALIKE)
    house.begin()
    assert house.translate.rests(SEVEN)


def test_a_mapping_that_came_while_the_worker_ran_counts_from_the_next_start(house: House) -> None:
    house.maps(ALIKE)
    assert not house.translate.rests(SEVEN)

    house.maps("")
    assert not house.translate.rests(SEVEN)  # what the other one made may be on its way

    house.begin()
    assert house.translate.rests(SEVEN)


def test_lines_that_the_books_do_not_know_yet_are_still_to_be_told(house: House) -> None:
    house.maps(itemising())
    house.begin()

    assert not house.translate.rests(SEVEN)


def test_one_that_was_ever_joined_is_said_again(house: House) -> None:
    undone = a_record(a_client(), at=5).model_copy(update={"joined": Joined(to=None, at=MORNING)})
    house.takes(undone)

    assert not house.translate.rests(SEVEN)


def test_an_invoice_that_went_to_another_client_is_said_again(house: House) -> None:
    gone = Gone(moved_to=ClientId(8))
    house.takes(a_record(an_invoice(), at=6).model_copy(update={"snapshot": gone}))

    assert not house.translate.rests(SEVEN)


def test_a_connection_that_is_not_set_up_raises(house: House) -> None:
    del house.settings[ACME]

    with pytest.raises(Misconfigured):
        house.translate.rests(SEVEN)


@pytest.mark.parametrize("invoices", [1, 4])
def test_who_was_looked_at_in_vain_is_looked_at_again_after_as_many_records_as_that_took(
    house: House, invoices: int
) -> None:
    house.takes(*(a_record(an_invoice(number), at=number) for number in range(32, 31 + invoices)))
    house.tables[1], kept = {}, dict(house.tables[1])
    house.begin()
    assert not house.translate.rests(SEVEN)
    house.tables[1].update(kept)
    patience = PATIENCE * (1 + invoices + 1)  # whether anything waits, every page, one row

    looks = [house.translate.rests(SEVEN) for _ in range(patience + 1)]

    assert looks == [False] * patience + [True]


def test_of_a_client_with_too_many_invoices_not_one_is_looked_at(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rest, "LARGEST", 0)
    assert not house.translate.rests(SEVEN)
    monkeypatch.undo()

    looks = [house.translate.rests(SEVEN) for _ in range(PATIENCE + 1)]

    assert looks == [False] * PATIENCE + [True]


def test_a_client_with_too_many_rows_is_said_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "LARGEST", 2)

    assert not house.translate.rests(SEVEN)


def test_without_deliver_beside_it_nobody_is_known_to_be_at_rest(house: House) -> None:
    alone = Translate(house.tables[0], house.settings)

    assert not alone.rests(SEVEN)
