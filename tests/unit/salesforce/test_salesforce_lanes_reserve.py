"""When the org's calls run low: what people wait for goes first, it is said, and it goes on by itself."""

import asyncio
from collections import deque
from decimal import Decimal
from itertools import count

from structlog.testing import capture_logs

from app.salesforce.calls.budget import CROWD
from app.salesforce.lanes.lanes import Lanes
from streams.domain.command import Command, Figure
from streams.ports import Answer, Applied
from tests.builders.lanes import a_fifth_of_a_second, all_of, lanes_to
from tests.builders.salesforce import ACME, a_connection, a_contact, an_account, an_opportunity
from tests.fakes.salesforce_wire import FakeWire
from tests.fakes.virtual_time import simulate

HALF = {ACME: a_connection(api_share=0.5)}


def a_paid_invoice(invoice: int, client: int) -> Command:
    made = an_opportunity(invoice, client, version=9)
    won = {"StageName": "Closed Won", "FreshBooks_Payment_Status__c": "paid"}
    return made.model_copy(update={"fields": made.fields | won})


def an_unpaid_invoice(invoice: int, client: int, amount: str = "5.00") -> Command:
    made = an_opportunity(invoice, client)
    said = {"FreshBooks_Payment_Status__c": "unpaid", "Amount": Figure(figure=Decimal(amount))}
    return made.model_copy(update={"fields": made.fields | said})


def written(wire: FakeWire) -> set[str]:
    return {name for _, name in wire.rows}


async def with_calls_used(wire: FakeWire, used: int, *commands: Command, seconds: float) -> list[bool]:
    """Let the org say that `used` of 1,000 calls are used; return which commands are written by then."""
    lanes = lanes_to(wire, HALF)
    wire.usage = f"api-usage={used}/1000"
    await lanes.write(an_account(99))
    tasks = [asyncio.ensure_future(lanes.write(command)) for command in commands]
    await asyncio.sleep(seconds)
    there = [task.done() for task in tasks]
    lanes.close()
    await asyncio.gather(*tasks, return_exceptions=True)
    return there


def test_payments_go_while_what_is_kept_back_waits() -> None:
    wire = FakeWire()
    commands = (a_contact(5, 99), an_unpaid_invoice(11, 99), a_paid_invoice(12, 99))

    assert simulate(with_calls_used(wire, 460, *commands, seconds=60)) == [False, False, True]


def test_balances_go_before_details() -> None:
    wire = FakeWire()
    commands = (a_contact(5, 99), an_unpaid_invoice(11, 99))

    assert simulate(with_calls_used(wire, 420, *commands, seconds=60)) == [False, True]


def test_nothing_goes_beyond_our_share() -> None:
    wire = FakeWire()

    assert simulate(with_calls_used(wire, 500, a_paid_invoice(12, 99), seconds=60)) == [False]


def test_the_parent_of_a_payment_is_as_urgent_as_the_payment() -> None:
    wire = FakeWire()
    commands = (an_account(7), a_paid_invoice(12, 7))

    assert simulate(with_calls_used(wire, 460, *commands, seconds=60)) == [True, True]


def test_a_payment_that_takes_the_place_of_a_detail_is_not_kept_back_as_one() -> None:
    wire = FakeWire()
    commands = (an_unpaid_invoice(12, 99), a_paid_invoice(12, 99))

    assert simulate(with_calls_used(wire, 460, *commands, seconds=60)) == [True, True]
    assert wire.rows["Opportunity", "ACC1:12"]["StageName"] == "Closed Won"


def test_a_payment_that_salesforce_knows_already_is_a_detail() -> None:
    wire = FakeWire()
    paid = a_paid_invoice(12, 99)
    renamed = paid.model_copy(update={"version": 10, "fields": paid.fields | {"Name": "Another name"}})

    async def story() -> bool:
        lanes = lanes_to(wire, HALF)
        await all_of(lanes, an_account(99), paid)
        wire.usage = "api-usage=460/1000"
        await lanes.write(an_account(98))
        task = asyncio.ensure_future(lanes.write(renamed))
        await asyncio.sleep(60)
        lanes.close()
        await asyncio.gather(task, return_exceptions=True)
        name: str = wire.rows["Opportunity", "ACC1:12"]["Name"]
        return name == "Another name"

    assert simulate(story()) is False


def test_it_is_said_what_goes_on_and_how_to_mend_it_and_when_it_is_over() -> None:
    wire = FakeWire(usage="api-usage=460/1000")

    async def story() -> list[Answer]:
        lanes = lanes_to(wire, HALF)
        await lanes.write(an_account(1))
        waiting = asyncio.ensure_future(lanes.write(a_contact(5, 1)))
        await asyncio.sleep(60)
        wire.usage = "api-usage=200/1000"
        return [await lanes.write(a_paid_invoice(12, 1)), await waiting]

    with capture_logs() as logs:
        answers = simulate(story())

    said = [entry for entry in logs if entry["event"].startswith("salesforce-share")]
    assert [entry["event"] for entry in said] == ["salesforce-share-low", "salesforce-share-free"]
    assert said[0]["goes_on"] == "payments and closed deals"
    assert said[0]["by"] == "everybody"
    assert "api_share" in said[0]["mend"]
    assert all(isinstance(answer, Applied) for answer in answers)


def test_an_org_whose_calls_are_used_up_is_asked_once_in_five_minutes_until_the_window_frees() -> None:
    wire = FakeWire(usage="api-usage=600/1000")

    async def story() -> float:
        lanes = lanes_to(wire, HALF)
        await lanes.write(an_account(0))
        rows = [asyncio.ensure_future(lanes.write(an_account(client))) for client in range(1, 4001)]
        await asyncio.sleep(3600)
        assert 11 <= len(wire.requests) <= 17
        wire.usage = "api-usage=100/1000"
        await asyncio.gather(*rows)
        return asyncio.get_running_loop().time()

    assert simulate(story()) < 3600 + 320


def test_a_raised_share_takes_effect_within_seconds() -> None:
    wire = FakeWire(usage="api-usage=600/1000")
    settings = dict(HALF)

    async def story() -> float:
        lanes = lanes_to(wire, settings)
        await lanes.write(an_account(1))
        later = asyncio.ensure_future(lanes.write(an_account(2)))
        await asyncio.sleep(1)
        settings[ACME] = a_connection(api_share=1.0)
        await later
        return asyncio.get_running_loop().time()

    assert simulate(story()) < 10


def test_an_org_that_states_no_limit_is_not_limited() -> None:
    wire = FakeWire(usage="")

    answers = simulate(all_of(lanes_to(wire, HALF), *(an_account(c) for c in range(1, 401))))

    assert all(isinstance(answer, Applied) for answer in answers)


async def pay_now_and_then(lanes: Lanes) -> None:
    """Write a payment every twenty seconds."""
    for number in count(10_000):
        await lanes.write(a_paid_invoice(number, 99))
        await asyncio.sleep(20)


async def read_in_a_window(wire: FakeWire, window: int, *commands: Command) -> float:
    """Write as a partition is read, so many at a time, while calls stay low; return how long it takes.

    Payments of another partition go all the time.
    """
    lanes, open_ = lanes_to(wire, HALF), deque[asyncio.Future[Answer]]()
    wire.usage = "api-usage=460/1000"
    await lanes.write(an_account(99))
    others = asyncio.ensure_future(pay_now_and_then(lanes))
    for command in commands:
        if len(open_) == window:
            await open_.popleft()
        open_.append(asyncio.ensure_future(lanes.write(command)))
    await open_[-1]
    passed = asyncio.get_running_loop().time()
    others.cancel()
    lanes.close()
    await asyncio.gather(*open_, others, return_exceptions=True)
    return passed


def test_a_payment_behind_a_full_window_of_details_waits_for_a_call_of_them_every_five_minutes() -> None:
    wire = FakeWire()
    details = [a_contact(number, 100 + number) for number in range(CROWD + 500)]

    passed = simulate(read_in_a_window(wire, CROWD + 299, *details, a_paid_invoice(12, 99)))

    assert 5 * 60 <= passed < 6 * 60  # 202 details are in the way of its being read: two calls


def test_a_crowd_of_details_clears_though_payments_go_all_the_time() -> None:
    wire = FakeWire()

    async def story() -> int:
        lanes = lanes_to(wire, HALF)
        wire.usage = "api-usage=460/1000"
        await lanes.write(an_account(99))
        details = [asyncio.ensure_future(lanes.write(a_contact(number, 99))) for number in range(3000)]
        for minute in range(61):
            await lanes.write(a_paid_invoice(10_000 + minute, 99))
            await asyncio.sleep(60)
        lanes.close()
        await asyncio.gather(*details, return_exceptions=True)
        return sum(sobject == "Contact" for sobject, _ in wire.upserts)

    assert simulate(story()) == 6  # until they are no crowd any more


def test_a_payment_within_the_window_passes_the_details_before_it() -> None:
    wire = FakeWire()
    details = [a_contact(number, 100 + number) for number in range(CROWD + 200)]

    assert simulate(read_in_a_window(wire, CROWD + 299, *details, a_paid_invoice(12, 99))) < 20


def test_a_crowd_gets_its_turn_though_payments_keep_all_lanes_busy() -> None:
    wire = FakeWire(delay=a_fifth_of_a_second)

    async def payers(lanes: Lanes, seconds: int) -> list[asyncio.Future[Answer]]:
        payments: list[asyncio.Future[Answer]] = []
        for number in range(10 * seconds):
            client = 1 + number % 20
            payments.append(asyncio.ensure_future(lanes.write(a_paid_invoice(10_000 + number, client))))
            await asyncio.sleep(0.1)
        return payments

    async def story() -> int:
        lanes = lanes_to(wire, HALF, lanes_per_org=1)
        wire.usage = "api-usage=460/1000"
        await all_of(lanes, *(an_account(client) for client in range(1, 21)))
        details = [asyncio.ensure_future(lanes.write(a_contact(it, 100 + it))) for it in range(3000)]
        payments = await payers(lanes, 11 * 60)
        lanes.close()
        await asyncio.gather(*details, *payments, return_exceptions=True)
        return sum(sobject == "Contact" for sobject, _ in wire.upserts)

    assert simulate(story()) == 3
