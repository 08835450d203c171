"""What is encoded comes back the same; what is no such value is refused without a word of its contents."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams import codec, topics
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.command import Command, Field, Figure, Lookup, SObject
from streams.domain.connection import AfterFailure, Connection
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Undecodable
from streams.domain.event import Event, EventSource, Webhook
from streams.domain.identity import (
    AuditId,
    ClientId,
    CommandId,
    ConnectionName,
    EventId,
    ObjectId,
    ObjectKind,
    RecordId,
)
from streams.domain.message import Value
from streams.domain.money import Money
from streams.domain.place import Place
from streams.domain.record import Record
from streams.domain.snapshot import Gone, Payment
from streams.domain.version import version
from tests.builders.commands import a_command

TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)
IDS = st.integers(1, 2**63 - 1)
MOMENTS = st.datetimes(
    min_value=datetime.fromisoformat("2000-01-01"),
    max_value=datetime.fromisoformat("2100-01-01"),
    timezones=st.just(UTC),
)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12)
NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,10}", fullmatch=True).map(ConnectionName)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
MONEY = st.builds(Money, amount=AMOUNTS, currency=st.sampled_from(["CAD", "USD", "EUR"]))
WEBHOOKS = st.builds(Webhook, callback=TEXT, body=TEXT, signature=TEXT, verifier=TEXT)
EVENTS = st.builds(
    Event,
    id=TEXT.map(EventId),
    connection=NAMES,
    object=st.sampled_from(ObjectKind),
    object_id=IDS,
    action=TEXT,
    source=st.sampled_from(EventSource),
    received_at=MOMENTS,
    webhook=st.none() | WEBHOOKS,
)
PAYMENTS = st.builds(
    Payment,
    id=IDS.map(ObjectId),
    client=IDS.map(ClientId),
    invoice=IDS.map(ObjectId),
    amount=MONEY,
    paid_on=st.dates(),
    note=TEXT,
    more=st.dictionaries(TEXT, JSON, max_size=3),
)
RECORDS = st.builds(
    Record,
    id=TEXT.map(RecordId),
    connection=NAMES,
    client=IDS.map(ClientId),
    object=st.sampled_from(ObjectKind),
    object_id=IDS,
    version=st.builds(version, MOMENTS, MOMENTS),
    read_at=MOMENTS,
    cause=TEXT.map(EventId),
    snapshot=PAYMENTS | st.just(Gone()),
)
FIELDS: st.SearchStrategy[Field] = st.one_of(
    TEXT,
    st.booleans(),
    st.none(),
    st.builds(Figure, figure=AMOUNTS),
    st.builds(Lookup, external_id_field=TEXT, external_id=TEXT),
)
COMMANDS = st.builds(
    Command,
    id=TEXT.map(CommandId),
    connection=NAMES,
    client=IDS.map(ClientId),
    sobject=st.sampled_from(SObject),
    external_id_field=TEXT,
    external_id=TEXT,
    version=st.integers(0, 2**63 - 1),
    content=TEXT,
    mapping=TEXT,
    cause=TEXT.map(RecordId),
    read_at=MOMENTS,
    fields=st.dictionaries(TEXT, FIELDS, max_size=5),
)
AUDIT = st.builds(
    AuditEntry,
    id=TEXT.map(AuditId),
    connection=NAMES,
    step=st.sampled_from(Step),
    verdict=st.sampled_from(Verdict),
    cause=TEXT,
    caused=st.lists(TEXT, max_size=3).map(tuple),
    details=st.dictionaries(TEXT, JSON, max_size=3),
)
LETTERS = st.builds(
    DeadLetter,
    id=TEXT,
    connection=TEXT,
    step=st.sampled_from(Step),
    place=st.builds(Place, topic=TEXT, partition=st.integers(0, 99), offset=st.integers(0, 2**63 - 1)),
    original_key=st.none() | st.binary(max_size=30),
    original=st.none() | st.binary(max_size=30),
    code=TEXT,
    reason=TEXT,
    mend=TEXT,
)


@given(EVENTS | RECORDS | COMMANDS | AUDIT | LETTERS)
def test_every_value_comes_back_the_same(value: Value) -> None:
    raw = codec.encode(value)

    again = codec.decode(type(value), raw)

    assert again == value
    assert codec.encode(again) == raw
    json.loads(raw)


def an_event() -> Event:
    return Event(
        id=EventId("e"),
        connection=ConnectionName("acme"),
        object=ObjectKind.INVOICE,
        object_id=7,
        action="update",
        source=EventSource.POLL,
        received_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    )


def test_a_value_is_this_text_and_stays_so() -> None:
    assert codec.encode(an_event()) == (
        b'{"kind":"event","id":"e","connection":"acme","object":"invoice","object_id":7,"action":"update",'
        b'"source":"poll","received_at":"2026-11-22T12:00:00Z","webhook":null,"nonce":""}'
    )


CANARY = "s3cr3t-canary"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "value: json_invalid"),
        (b"\xff\xfe", "value: json_invalid"),
        (b"null", "value: model_type"),
        (b"[]", "value: model_type"),
        (codec.encode(an_event())[:-1], "value: json_invalid"),
        (codec.encode(an_event()) + b"x", "value: json_invalid"),
        (codec.encode(an_event()).replace(b'"object_id":7', b'"object_id":"7"'), "object_id: int_type"),
        (codec.encode(an_event()).replace(b'"object_id":7', b'"object_id":7.0'), "object_id: int_type"),
        (
            codec.encode(an_event()).replace(b'"acme"', b'"s3cr3t-CANARY"'),
            "connection: string_pattern_mismatch",
        ),
        (codec.encode(an_event()).replace(b'"webhook"', b'"s3cr3t":1,"webhook"'), "s3cr3t: extra_forbidden"),
        (b"{" * 100_000, "value: json_invalid"),
    ],
)
def test_what_is_no_event_is_undecodable_and_the_error_quotes_no_value(raw: bytes, said: str) -> None:
    with pytest.raises(Undecodable) as refused:
        codec.decode(Event, raw)

    assert str(refused.value) == f"not a valid Event ({said})"
    assert "CANARY" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_tombstone_is_no_value() -> None:
    with pytest.raises(Undecodable, match="a tombstone is no Event"):
        codec.decode(Event, None)


def test_one_kind_of_value_is_not_taken_for_another() -> None:
    with pytest.raises(Undecodable):
        codec.decode(Record, codec.encode(an_event()))


def test_every_value_has_one_topic() -> None:
    kinds = [value for topic in topics.TOPICS for value in topic.values]

    assert len(kinds) == len(set(kinds))
    assert codec.topic_of(an_event()) is topics.EVENTS


def test_amounts_are_text_on_the_wire() -> None:
    money = Money(amount=Decimal("0.10"), currency="CAD")

    assert json.loads(codec.encode(money)) == {"amount": "0.10", "currency": "CAD"}


def test_what_is_new_and_not_in_use_is_left_out_so_that_an_earlier_version_reads_the_rest() -> None:
    command, connection = a_command(), Connection(name=ConnectionName("acme"))

    assert b"waived" not in codec.encode(command)
    assert b"after_failure" not in codec.encode(connection)


def test_what_is_new_and_in_use_comes_back() -> None:
    command = a_command().model_copy(update={"waived": True})
    connection = Connection(name=ConnectionName("acme"), after_failure=AfterFailure.GO_ON)

    assert codec.decode(Command, codec.encode(command)) == command
    assert codec.decode(Connection, codec.encode(connection)) == connection
