"""The trace of what was replayed shows the replay, who began it, and from where its rows had come before."""

from datetime import UTC, datetime, timedelta

from app.replay.said import said
from app.view.happening import Again
from app.view.store import Store
from app.view.story import story
from app.view.trace import trace
from streams.codec import decode, encode
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.message import Value
from streams.domain.replay import Replay, Source
from tests.builders.incidents import Life
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME, MORNING, a_client, a_record, an_invoice
from tests.builders.told import an_entry, stored

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
CLIENT, INVOICE = a_record(a_client(), at=1), a_record(an_invoice(), at=2)
OTHER = A_CONNECTION.model_copy(
    update={"mapping": a_mapping(opportunity='Type = { literal = "Existing Business" }')}
)
PLAN = Replay(
    id="3f29c6d1a0b7",
    connection=ACME,
    source=Source.RECORDS,
    mapping="m",
    planned_at=MORNING,
    rows=1,
    calls=1,
    stretches=(),
)


def fetched(life: Life) -> list[AuditEntry]:
    """What fetch said of the two events, before what the life said."""
    heard = [
        an_entry(
            Step.FETCH, Verdict.FETCHED, it.cause, caused=(it.id,), object=it.object, object_id=it.object_id
        )
        for it in (CLIENT, INVOICE)
    ]
    return [*heard, *entries(life)]


def entries(life: Life) -> list[AuditEntry]:
    """What the life said since the last call."""
    told, life.entries = life.entries, []
    return [decode(AuditEntry, encode_plain(it)) for it in told]


def encode_plain(it: dict[str, object]) -> bytes:
    return encode(AuditEntry.model_validate(it, strict=False))


async def kept(store: Store, *told: Value, at: int = 0) -> None:
    """Keep entries, the first of them `at` minutes after noon."""
    found = [it for it in told if isinstance(it, AuditEntry)]
    moment = NOON + timedelta(minutes=at)
    await store.add(stored(found, moment, at * 100), {0: at * 100 + len(found)})


async def a_replay(store: Store, plan: Replay = PLAN) -> Life:
    """A client and its invoice went through; then all was replayed with another mapping."""
    life = Life()
    await life.live(CLIENT, INVOICE)
    await kept(store, *fetched(life))
    await kept(store, said(plan, "applied", "ana", NOON), at=1)
    life.connection = OTHER
    await life.live(CLIENT, INVOICE)
    await kept(store, *entries(life), at=2)
    return life


async def test_a_row_that_a_replay_sent_leads_back_to_the_event_that_had_brought_it(store: Store) -> None:
    await a_replay(store)

    found = await trace(store, "acme", "invoice", 31)

    sent = [it for it in found if it.again and it.entry["step"] == "deliver"]
    changed = {it.entry["result"]["sobject"] for it in sent if it.entry["verdict"] == "applied"}
    assert changed == {"Opportunity"}
    assert {it.again for it in sent} == {Again("3f29c6d1a0b7", "ana", INVOICE.id, INVOICE.cause)}


async def test_the_story_names_plan_person_record_and_event(store: Store) -> None:
    await a_replay(store)

    lines = [*story(await trace(store, "acme", "invoice", 31))]

    (began,) = [it for it in lines if it.who == "command-line: replayed"]
    assert "replay 3f29c6d1a0b7 was applied" in began.what
    assert "actor ana" in began.what
    *_, sent = [it for it in lines if it.who == "deliver: applied"]
    assert sent.what.endswith(
        f"by replay 3f29c6d1a0b7 (ana), before from record {INVOICE.id} of event {INVOICE.cause}"
    )


async def test_a_replay_that_had_nothing_to_send_is_shown_alone(store: Store) -> None:
    life = Life()
    await life.live(CLIENT, INVOICE)
    await kept(store, *fetched(life))
    await kept(store, said(PLAN.model_copy(update={"only": "invoice:31"}), "applied", "ana", NOON), at=1)

    found = await trace(store, "acme", "invoice", 31)

    assert [it.entry["step"] for it in found if it.again] == ["command-line"]


async def test_a_look_at_what_a_replay_would_do_is_no_part_of_it(store: Store) -> None:
    await kept(store, said(PLAN, "previewed", "ana", NOON), at=1)

    assert await trace(store, "acme", "invoice", 31) == []


async def test_a_replay_of_something_else_is_no_part_of_it(store: Store) -> None:
    await a_replay(store, PLAN.model_copy(update={"only": "client:8"}))

    assert [it for it in await trace(store, "acme", "invoice", 31) if it.again] == []


async def test_a_replay_of_all_does_not_make_an_object_known(store: Store) -> None:
    await a_replay(store)

    assert await trace(store, "acme", "invoice", 999) == []
