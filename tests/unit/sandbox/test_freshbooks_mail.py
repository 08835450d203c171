from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.sandbox.freshbooks.callbacks import Callback
from app.sandbox.freshbooks.delivery import Draw, verifiers
from app.sandbox.freshbooks.knobs import FieldOrder, Knobs
from app.sandbox.freshbooks.mailroom import NO_ANSWER, Mailroom
from app.sandbox.freshbooks.signing import signature
from tests.fakes.webhook_receiver import WebhookReceiver, webhook_receiver

FIELDS = {
    "name": "client.update",
    "object_id": "7",
    "user_id": "1",
    "identity_id": "2",
    "business_id": "3",
    "account_id": "x",
}


def a_callback(uri: str = "http://nowhere.invalid") -> Callback:
    return Callback(1, "client", uri, "secret", verified=True, updated=datetime(2026, 1, 1, tzinfo=UTC))


@dataclass
class Post:
    """A mailroom and who receives from it."""

    mailroom: Mailroom
    receiver: WebhookReceiver
    sent: int = field(default=0)

    def send(self, count: int = 1) -> None:
        for _ in range(count):
            self.sent += 1
            fields = FIELDS | {"object_id": str(self.sent)}
            self.mailroom.post(a_callback(self.receiver.url), "client.update", self.sent, fields)

    @property
    def came(self) -> list[str]:
        return [one.fields["object_id"] for one in self.receiver.received]


@asynccontextmanager
async def a_post(knobs: Knobs | None = None, seed: int = 1) -> AsyncIterator[Post]:
    async with webhook_receiver() as receiver:
        mailroom = Mailroom(knobs or Knobs(), seed)
        await mailroom.open()
        try:
            yield Post(mailroom, receiver)
        finally:
            await mailroom.close()


async def test_one_at_a_time_keeps_the_order() -> None:
    async with a_post(Knobs(at_once=1)) as post:
        post.send(30)
        await post.mailroom.settled()

        assert post.came == [str(number) for number in range(1, 31)]


async def test_chance_doubles_drops_and_forges_and_the_tally_says_so() -> None:
    async with a_post(Knobs(duplicate=0.2, drop=0.2, wrong_signature=0.2)) as post:
        post.send(200)
        await post.mailroom.settled()
        tally = post.mailroom.tally()

        doubled, dropped = tally["deliveries"] - 200, tally["dropped"]
        wrong = sum(one.signature != signature(one.fields, "secret") for one in post.receiver.received)
        assert 20 <= doubled <= 60
        assert 20 <= dropped <= 80
        assert len(post.receiver.received) == tally["deliveries"] - dropped == tally["accepted"]
        assert 0 < wrong <= tally["forged"]


async def test_overtaken_deliveries_come_out_of_order() -> None:
    async with a_post(Knobs(reorder=0.5, reorder_seconds=0.05, at_once=1)) as post:
        post.send(30)
        await post.mailroom.settled()

        assert sorted(post.came, key=int) != post.came
        assert len(post.came) == 30


async def test_a_refused_delivery_is_not_repeated_by_default() -> None:
    async with a_post() as post:
        post.receiver.statuses = [503]
        post.send()
        await post.mailroom.settled()

        assert post.mailroom.deliveries[0].answers == [503]
        assert not post.mailroom.deliveries[0].accepted


async def test_with_the_knob_on_it_is_repeated_until_it_is_taken() -> None:
    async with a_post(Knobs(retry=True, retry_after=0.01)) as post:
        post.receiver.statuses = [503, 500]
        post.send()
        await post.mailroom.settled()

        assert post.mailroom.deliveries[0].answers == [503, 500, 200]
        assert post.mailroom.tally()["answers"] == {"503": 1, "500": 1, "200": 1}


async def test_repeating_ends() -> None:
    async with a_post(Knobs(retry=True, retry_after=0.001, retry_times=2)) as post:
        post.receiver.statuses = [500] * 9
        post.send()
        await post.mailroom.settled()

        assert post.mailroom.deliveries[0].answers == [500, 500, 500]


async def test_nobody_home_and_no_answer_in_time_are_no_answer() -> None:
    async with a_post(Knobs(timeout=0.05)) as post:
        post.receiver.seconds = 0.5
        post.send()
        post.mailroom.post(a_callback("http://127.0.0.1:1/"), "client.update", 9, FIELDS)
        await post.mailroom.settled()

        assert [one.answers for one in post.mailroom.deliveries] == [[NO_ANSWER], [NO_ANSWER]]


async def test_a_paused_queue_keeps_everything_until_it_is_unpaused() -> None:
    async with a_post(Knobs(paused=True)) as post:
        post.send(3)
        assert post.mailroom.tally()["pending"] == 3

        post.mailroom.knobs.paused = False
        post.mailroom.ring()
        await post.mailroom.settled()

        assert len(post.came) == 3


def test_the_same_seed_draws_the_same_fate() -> None:
    knobs = Knobs(duplicate=0.3, drop=0.3, reorder=0.3, field_order=FieldOrder.SHUFFLED)

    def fate(seed: int) -> list[tuple[str, bool, float]]:
        draw = Draw(knobs, seed)
        return [
            (delivery.body, delivery.dropped, wait)
            for number in range(50)
            for delivery, wait in draw.deliveries(a_callback(), "client.update", number, FIELDS)
        ]

    assert fate(3) == fate(3)
    assert fate(3) != fate(4)


def test_the_documented_order_and_a_shuffled_one_are_signed_as_sent() -> None:
    for order in FieldOrder:
        draw = Draw(Knobs(field_order=order), 2)
        ((delivery, _),) = draw.deliveries(a_callback(), "client.update", 7, FIELDS)
        fields = dict(pair.split("=") for pair in delivery.body.split("&"))

        assert delivery.signed == signature(fields, "secret")
        assert (list(fields) == list(FIELDS)) is (order is FieldOrder.RECORDED)


def test_verifiers_have_31_to_34_letters_and_digits_and_differ() -> None:
    new = verifiers(1)
    made = [new() for _ in range(100)]

    assert len(set(made)) == 100
    assert all(31 <= len(one) <= 34 and one.isalnum() for one in made)
