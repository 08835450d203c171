"""How values travel: topic, key, CloudEvents attributes."""

from datetime import timedelta, timezone

from app.kafka.partition import partition_of
from streams.domain.audit import Step
from streams.domain.connection import Connection
from streams.domain.deadletter import DeadLetter
from streams.domain.grant import RefreshAsked, Sealed, Side, VerifierOffered
from streams.domain.identity import ConnectionName
from streams.domain.place import Place
from streams.loop import envelope
from streams.loop.envelope import address, headers
from streams.topics import DEADLETTERS, EVENTS, TOPICS
from tests.builders.traffic import NOON, an_event, noted

NORTH = ConnectionName("north")


def test_an_event_says_who_wrote_it_when_and_under_which_id() -> None:
    event = an_event(5)

    assert address(event) == (EVENTS.name, b"north:invoice:7")
    assert dict(headers(event)) == {
        "ce_specversion": b"1.0",
        "ce_id": b"5",
        "ce_type": b"freshforce.event.v1",
        "ce_source": b"freshforce/ingress",
        "ce_time": b"2026-11-01T12:00:00+00:00",
        "content-type": b"application/json",
    }


def test_what_follows_names_its_cause_and_leaves_the_time_to_kafka() -> None:
    found = dict(headers(noted(an_event(5))))

    assert found["causationid"] == b"5"
    assert found["ce_source"] == b"freshforce/translate"
    assert "ce_time" not in found


def test_the_time_is_told_in_utc_whatever_zone_it_was_noted_in() -> None:
    elsewhere = an_event().model_copy(update={"received_at": NOON.astimezone(timezone(timedelta(hours=-5)))})

    assert headers(elsewhere) == headers(an_event())


def test_a_dead_letter_lies_where_its_message_lay() -> None:
    place = Place(topic="t", partition=0, offset=1)
    letter = DeadLetter(
        id="d", connection="north", step=Step.FETCH, place=place, original_key=b"\xff", original=None,
        code="c", reason="r", mend="m",
    )  # fmt: skip

    assert address(letter) == (DEADLETTERS.name, b"\xff")
    assert partition_of(b"\xff", 4) in range(4)


def test_generations_of_a_grant_differ_in_their_id() -> None:
    sealed = Sealed(
        connection=NORTH, side=Side.FRESHBOOKS, generation=1, key_id="k", nonce=b"", ciphertext=b"",
        written_at=NOON,
    )  # fmt: skip

    ids = {dict(headers(sealed.model_copy(update={"generation": n})))["ce_id"] for n in (1, 2)}

    assert len(ids) == 2


def test_settings_that_changed_differ_in_their_id() -> None:
    ids = {dict(headers(Connection(name=NORTH, paused=paused)))["ce_id"] for paused in (True, False)}

    assert len(ids) == 2


def test_requests_to_the_keeper_travel_too() -> None:
    ask = RefreshAsked(id="1", connection=NORTH, side=Side.FRESHBOOKS, generation=3)
    offer = VerifierOffered(
        id="2", connection=NORTH, path="p", callback_id=1, key_id="k", nonce=b"", ciphertext=b""
    )

    assert [address(it)[1] for it in (ask, offer)] == [b"north:freshbooks", b"north:webhooks"]
    assert dict(headers(offer))["ce_type"] == b"freshforce.verifier-offered.v1"


def test_every_value_of_every_topic_has_an_envelope() -> None:
    assert {value for topic in TOPICS for value in topic.values} == set(envelope._OF)
