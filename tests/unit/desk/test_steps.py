"""How far a connection is, from what is known of it."""

from typing import Any

import pytest

from app.desk.wizard.steps import next_step, steps

NOTHING: dict[str, Any] = {
    "freshbooks": "not connected",
    "account": None,
    "salesforce": "not connected",
    "domain": "",
    "webhooks": "0 of 0 verified",
}
JOINED: dict[str, Any] = {
    "freshbooks": "ok",
    "account": "a1",
    "salesforce": "ok",
    "domain": "https://acme.my.salesforce.com",
    "webhooks": "3 of 3 verified",
}
NOT_LOOKED: dict[str, bool | None] = {"fields": None, "check": None}


def test_a_new_connection_begins_with_freshbooks_and_has_nothing_done() -> None:
    found = steps(NOTHING, NOT_LOOKED)

    assert [step.well for step in found] == [False] * 5
    assert next_step(found) == "freshbooks"


def test_tokens_without_an_account_ask_for_the_account() -> None:
    first = steps(JOINED | {"account": None}, NOT_LOOKED)[0]

    assert (first.well, first.says) == (False, "choose an account")


def test_a_grant_that_needs_consent_is_not_done_although_it_was() -> None:
    first = steps(JOINED | {"freshbooks": "needs-consent"}, NOT_LOOKED)[0]

    assert (first.well, first.says) == (False, "waits for consent")


def test_fields_that_nobody_has_looked_at_are_the_next_step() -> None:
    assert next_step(steps(JOINED, NOT_LOOKED)) == "fields"


def test_what_is_all_done_leads_to_the_check() -> None:
    found = steps(JOINED, {"fields": True, "check": True})

    assert all(step.well for step in found)
    assert next_step(found) == "check"


@pytest.mark.parametrize(
    ("said", "well"),
    [
        ("0 of 0 verified", False),
        ("2 of 3 verified", False),
        ("3 of 3 verified", True),
        ("seal-broken", False),
    ],
)
def test_webhooks_are_done_when_every_one_is_verified(said: str, well: bool) -> None:  # noqa: FBT001
    assert steps(JOINED | {"webhooks": said}, NOT_LOOKED)[3].well is well


def test_a_seal_that_does_not_open_is_told_and_not_done() -> None:
    found = steps(JOINED | {"freshbooks": "bad-keys", "salesforce": "bad-keys"}, NOT_LOOKED)

    assert [(step.well, step.says) for step in found[:2]] == [(False, "bad-keys")] * 2
