from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from app.sandbox.control import ControlRefused, FreshBooksControl
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.scenarios.runner import Progress, play
from app.sandbox.scenarios.story import Story, Together, UnknownScenario, load_story, story_names
from app.sandbox.server import RunningFreshBooks, running_freshbooks
from tests.builders.freshbooks_user import freshbooks_user

MAY = datetime(2026, 5, 4, 14, 0, tzinfo=UTC)


@dataclass
class LostAccounts:
    """Salesforce as far as a scenario knows it: where Accounts get lost."""

    clients: list[int] = field(default_factory=list)

    async def lose_accounts(self, clients: Sequence[int]) -> int:
        self.clients += clients
        return len(clients)


async def _truth(sandbox: RunningFreshBooks) -> list[tuple[Noun, dict[str, Any]]]:
    return [one async for one in sandbox.control.truth()]


async def _played(name: str, seed: int = 1, size: int = 60) -> tuple[list[Progress], list[tuple[Noun, Any]]]:
    async with running_freshbooks() as sandbox:
        await sandbox.control.set_clock(MAY, stopped=True)
        story, salesforce = load_story(name), LostAccounts()
        progress = [one async for one in play(story, seed, sandbox.control, size=size, salesforce=salesforce)]
        return progress, await _truth(sandbox)


def test_there_are_these_stories() -> None:
    assert story_names() == [
        "a-busy-morning",
        "paid-then-refunded",
        "the-account-was-deleted",
        "webhooks-were-lost",
    ]


@pytest.mark.parametrize("name", story_names())
def test_a_story_names_each_group_before_it_uses_it(name: str) -> None:
    known: set[str] = set()
    for step in load_story(name).steps:
        steps = step.steps if isinstance(step, Together) else (step,)
        for one in steps:
            assert getattr(one, "of", None) in known | {None}, one
        known |= {getattr(one, "name", "") for one in steps}


@pytest.mark.parametrize("name", story_names())
async def test_the_same_seed_tells_the_same_story(name: str) -> None:
    progress, first = await _played(name)
    again, second = await _played(name)
    _, other = await _played(name, seed=2)

    assert first == second
    assert progress == again
    assert first != other


async def test_size_scales_the_number_of_invoices() -> None:
    _, small = await _played("paid-then-refunded", size=10)
    _, large = await _played("paid-then-refunded", size=80)

    assert sum(noun is Noun.INVOICE for noun, _ in small) == 10
    assert sum(noun is Noun.INVOICE for noun, _ in large) == 80


async def test_a_busy_morning_has_what_hurts() -> None:
    _, truth = await _played("a-busy-morning", size=200)
    clients = [client for noun, client in truth if noun is Noun.CLIENT]
    invoices = [invoice for noun, invoice in truth if noun is Noun.INVOICE]
    payments = [payment for noun, payment in truth if noun is Noun.PAYMENT]

    assert len({invoice["currency_code"] for invoice in invoices}) > 3
    assert any(not client["organization"].isascii() for client in clients)
    assert any(not client["organization"] for client in clients)
    assert {client["vis_state"] for client in clients} == {0, 1, 2}
    assert {invoice["vis_state"] for invoice in invoices} == {0, 1, 2}
    assert {"draft", "sent", "partial", "paid", "overdue"} <= {invoice["v3_status"] for invoice in invoices}
    assert any(payment["overpaymentid"] for payment in payments)
    assert any(payment["vis_state"] == 1 for payment in payments)


async def test_what_was_paid_and_refunded_is_owed_again() -> None:
    _, truth = await _played("paid-then-refunded", size=100)
    invoices = [invoice for noun, invoice in truth if noun is Noun.INVOICE]
    owed = {invoice["id"] for invoice in invoices if invoice["paid"]["amount"] == "0.00"}

    refunded = {
        payment["invoiceid"] for noun, payment in truth if noun is Noun.PAYMENT and payment["vis_state"]
    }
    assert owed
    assert owed <= refunded


async def test_accounts_are_lost_on_the_other_side() -> None:
    async with running_freshbooks() as sandbox:
        salesforce = LostAccounts()
        story = load_story("the-account-was-deleted")

        progress = [one async for one in play(story, 1, sandbox.control, size=50, salesforce=salesforce)]

        assert len(salesforce.clients) == 3
        assert "3 accounts deleted in Salesforce" in {one.note for one in progress}


async def test_without_a_salesforce_the_loss_is_left_out_and_said_so() -> None:
    async with running_freshbooks() as sandbox:
        progress = [
            one async for one in play(load_story("the-account-was-deleted"), 1, sandbox.control, size=10)
        ]

        assert "left out: no Salesforce here" in {one.note for one in progress}


def test_an_unknown_story_names_those_there_are() -> None:
    with pytest.raises(UnknownScenario, match="a-busy-morning"):
        load_story("a-quiet-evening")


def test_a_misspelt_step_is_refused() -> None:
    with pytest.raises(ValueError, match="open-cleints"):
        Story.model_validate({"name": "x", "tells": "x", "step": [{"do": "open-cleints"}]})


async def test_a_story_is_played_from_outside_with_its_progress() -> None:
    async with freshbooks_user() as user:
        control = FreshBooksControl(user.session, user.sandbox.url)

        progress = [one async for one in control.play("webhooks-were-lost", seed=3, size=20)]

        assert progress[-1].step == progress[-1].steps
        assert (await control.counters()).objects["invoice"] == 20
        with pytest.raises(ControlRefused, match="no scenario"):
            _ = [one async for one in control.play("nothing")]
