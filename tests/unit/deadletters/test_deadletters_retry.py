"""What is written of a retry."""

from datetime import timedelta

from app.deadletters.retry import Again, said
from app.view.letters import Letter
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.deadletter import DeadLetter
from streams.domain.identity import ObjectKind
from tests.builders.events import an_event
from tests.builders.letters import NOON, buried, buried_unread

EVENT = an_event(ObjectKind.INVOICE, 123)


def again(letter: DeadLetter, entry: AuditEntry) -> Again:
    plain = entry.model_dump(mode="json")
    told = Letter(
        id=letter.id,
        at=NOON,
        connection=letter.connection,
        step=letter.step,
        code=letter.code,
        reason=letter.reason,
        mend=letter.mend,
        place=letter.place,
        entry=plain,
    )
    return Again(told, letter)


def test_a_retry_is_told_between_the_burial_and_what_follows_from_it() -> None:
    letter, entry = buried(EVENT)

    retry = said(again(letter, entry), NOON)

    assert (retry.step, retry.verdict) == (Step.COMMAND_LINE, Verdict.RELEASED)
    assert retry.cause == letter.id
    assert retry.cause in entry.caused
    assert retry.caused == (EVENT.id,)
    assert (retry.object, retry.object_id, retry.connection) == (EVENT.object, EVENT.object_id, "acme")


def test_each_retry_is_an_act_of_its_own() -> None:
    one = again(*buried(EVENT))

    assert said(one, NOON).id != said(one, NOON + timedelta(minutes=1)).id


def test_bytes_that_cannot_be_read_are_retried_without_a_message_that_follows() -> None:
    unread = again(*buried_unread(b"no message"))

    assert unread.message is None
    assert said(unread, NOON).caused == ()


def test_the_message_of_a_letter_is_what_was_buried() -> None:
    message = again(*buried(EVENT)).message

    assert message is not None
    assert encode(message) == encode(EVENT)
