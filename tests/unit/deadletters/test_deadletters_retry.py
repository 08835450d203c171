"""What is written of a retry."""

from datetime import timedelta

from app.deadletters.retry import told_of
from app.deadletters.said import By
from streams.codec import encode
from streams.domain.audit import Step, Verdict
from streams.domain.event import Event
from streams.domain.identity import ObjectKind
from tests.builders.events import an_event
from tests.builders.letters import NOON, again, buried, buried_unread

EVENT = an_event(ObjectKind.INVOICE, 123)


def test_a_retry_is_told_between_the_burial_and_what_follows_from_it() -> None:
    letter, entry = buried(EVENT)

    retry = told_of(again(letter, entry), By(NOON))

    assert (retry.step, retry.verdict) == (Step.COMMAND_LINE, Verdict.RELEASED)
    assert retry.cause == letter.id
    assert retry.cause in entry.caused
    assert retry.caused == (EVENT.id,)
    assert (retry.object, retry.object_id, retry.connection) == (EVENT.object, EVENT.object_id, "acme")


def test_each_retry_is_an_act_of_its_own() -> None:
    one = again(*buried(EVENT))

    assert told_of(one, By(NOON)).id != told_of(one, By(NOON + timedelta(minutes=1))).id


def test_bytes_that_cannot_be_read_are_retried_without_a_message_that_follows() -> None:
    unread = again(*buried_unread(b"no message"))

    assert unread.message is None
    assert told_of(unread, By(NOON)).caused == ()


def test_the_message_of_a_letter_is_what_was_buried() -> None:
    message = again(*buried(EVENT)).message

    assert message is not None
    assert encode(message) == encode(EVENT)


def test_a_retry_demands_to_be_really_done_and_a_later_one_demands_more() -> None:
    one = again(*buried(EVENT))

    first, second = one.demanded(NOON), one.demanded(NOON + timedelta(seconds=1))

    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert "" < first.nonce < second.nonce
    assert first.model_copy(update={"nonce": ""}) == EVENT


def test_bytes_that_cannot_be_read_demand_nothing() -> None:
    assert again(*buried_unread(b"no message")).demanded(NOON) is None


def test_the_audit_names_who_had_it_tried_again() -> None:
    told = told_of(again(*buried(EVENT)), By(NOON, "jane"))

    assert told.details["actor"] == "jane"
