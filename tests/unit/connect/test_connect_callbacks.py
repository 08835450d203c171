from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from pydantic import SecretStr

from app.connect.callbacks import NOUNS, copies, next_grant, standing, uri_of
from app.freshbooks.callbacks import Registered
from app.freshbooks.handshake import GRACE
from app.vault.grants import Callback, WebhooksGrant

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
BASE = "https://freshforce.example"


def paths() -> Any:
    numbers = count(1)
    return lambda: f"{next(numbers):032x}"


def registered(callback: Callback, number: int, *, verified: bool = True) -> Registered:
    return Registered(callbackid=number, event=callback.event, uri=callback.uri, verified=verified)


def complete() -> WebhooksGrant:
    made = next_grant(WebhooksGrant(), (), BASE, paths(), NOW)
    known = {"verified": True, "verifier": SecretStr("v")}
    return WebhooksGrant(
        callbacks=tuple(
            each.model_copy(update=known | {"callback_id": number})
            for number, each in enumerate(made.callbacks, 1)
        )
    )


def test_each_noun_gets_its_own_opaque_path() -> None:
    made = next_grant(WebhooksGrant(), (), f"{BASE}/", paths(), NOW)

    assert [each.event for each in made.callbacks] == list(NOUNS)
    assert len({each.path for each in made.callbacks}) == 3
    assert all(each.uri == uri_of(BASE, each.path) for each in made.callbacks)


def test_what_is_well_stays_exactly_so() -> None:
    before = complete()
    theirs = [registered(each, each.callback_id or 0) for each in before.callbacks]

    assert next_grant(before, theirs, BASE, paths(), NOW) == before


def test_what_freshbooks_lost_keeps_path_and_verifier_but_not_its_number() -> None:
    after = next_grant(complete(), (), BASE, paths(), NOW)

    assert [each.callback_id for each in after.callbacks] == [None] * 3
    assert [each.path for each in after.callbacks] == [each.path for each in complete().callbacks]
    assert all(each.verifier and not each.verified for each in after.callbacks)


def test_the_verifier_of_a_lost_callback_counts_on_for_its_grace() -> None:
    after = next_grant(complete(), (), BASE, paths(), NOW)

    assert {(each.previous, each.previous_until) for each in after.callbacks} == {
        (SecretStr("v"), NOW + GRACE)
    }


def test_a_second_look_does_not_prolong_the_grace() -> None:
    once = next_grant(complete(), (), BASE, paths(), NOW)

    assert next_grant(once, (), BASE, paths(), NOW + timedelta(hours=1)) == once


def test_what_freshbooks_calls_unverified_must_shake_hands_again() -> None:
    before = complete()
    theirs = [registered(each, each.callback_id or 0, verified=False) for each in before.callbacks]

    after = next_grant(before, theirs, BASE, paths(), NOW)

    assert [(each.callback_id, each.verified) for each in after.callbacks] == [
        (1, False),
        (2, False),
        (3, False),
    ]


def test_another_public_url_makes_new_paths() -> None:
    after = next_grant(complete(), (), "https://moved.example", lambda: "f" * 32, NOW)

    assert all(
        each.uri == f"https://moved.example/webhooks/freshbooks/{'f' * 32}" for each in after.callbacks
    )


def test_doubles_at_freshbooks_are_told_apart_by_number() -> None:
    ours = complete().callbacks[1]
    theirs = [
        registered(ours, 9),
        registered(ours, 2),
        registered(ours, 1),
        registered(complete().callbacks[0], 5),
    ]

    assert [each.id for each in copies(ours, theirs)] == [2, 1, 9]


def test_a_callback_is_well_only_when_both_sides_say_so() -> None:
    ours = complete().callbacks[0]

    assert standing(ours, [registered(ours, 1)]).well
    assert not standing(ours, [registered(ours, 1, verified=False)]).well
    assert not standing(ours, []).well
    assert not standing(ours.model_copy(update={"verified": False}), [registered(ours, 1)]).well
