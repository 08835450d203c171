"""An operator looks at dead letters and has one tried again, at a real terminal on real Kafka."""

from pathlib import Path
from secrets import randbelow, token_hex
from typing import Any

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord

from app.deadletters.kept import KeptLetters
from app.kafka.inventory import spots
from app.kafka.partition import partition_of
from app.kafka.producer import produce, producing
from app.view.follow import Follower
from app.view.letters import letters
from app.view.store import Store
from streams.codec import decode
from streams.domain.command import Command
from streams.domain.event import Event
from streams.domain.identity import ConnectionName, ObjectKind
from streams.topics import COMMANDS, EVENTS, Topic
from tests.builders.commands import a_command
from tests.builders.desk import an_office
from tests.builders.events import an_event
from tests.builders.letters import buried, buried_row
from tests.builders.records import A_CONNECTION
from tests.builders.terminal import Terminal


def a_place() -> int:
    """An offset that no other test's letter has: it is named by its place."""
    return randbelow(10**12)


@pytest.fixture
def event() -> Event:
    """An event of a connection of its own (all tests share one Kafka), which belongs to partition 0."""
    while True:
        connection = ConnectionName(f"dead-{token_hex(4)}")
        found = an_event(ObjectKind.INVOICE, 123, connection=connection)
        if partition_of(found.key.encode(), 4) == 0:
            return found


@pytest.fixture
async def shell(kafka: str, tmp_path: Path, event: Event) -> Terminal:
    """A terminal of an installation in which fetch could not handle `event`."""
    shell = await Terminal.opened(tmp_path, kafka)
    options = {"bootstrap_servers": kafka}
    async with producing(options) as producer:
        await produce(producer, buried(event, offset=a_place()))
    await viewed(tmp_path, options)
    return shell


async def viewed(home: Path, options: dict[str, Any]) -> None:
    """Bring the view's database up to date."""
    store = await Store.open(f"sqlite+aiosqlite:///{home}/view.sqlite")
    follower = Follower(store, options)
    await follower.start()
    while await follower.step(wait=2_000):
        pass
    await follower.stop()
    await store.close()


async def records_of(kafka: str, topic: Topic, key: bytes) -> list[ConsumerRecord]:
    options = {"bootstrap_servers": kafka}
    consumer = AIOKafkaConsumer(**options, auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign(await spots(options, topic.name))
    found = []
    while batches := await consumer.getmany(timeout_ms=2_000):
        found += [record for batch in batches.values() for record in batch if record.key == key]
    await consumer.stop()
    return found


def as_it_was(record: ConsumerRecord) -> Event:
    """The event without the demand that a retry by hand adds, which must be there."""
    back = decode(Event, record.value)
    assert back.nonce
    return back.model_copy(update={"nonce": ""})


async def test_from_the_list_to_another_try(
    shell: Terminal, kafka: str, tmp_path: Path, event: Event
) -> None:
    name, key = event.connection, event.key.encode()
    code, out, err = await shell.run("deadletters", "list", "--connection", name, "--json")
    (group,) = orjson.loads(out)
    assert (code, err) == (1, "")
    assert (group["code"], group["step"], group["count"]) == ("refused", "fetch", 1)
    assert group["mend"] == "mend the client's e-mail"

    (letter_id,) = group["ids"]
    code, out, _ = await shell.run("deadletters", "show", letter_id[:12])
    assert code == 0
    assert "freshforce.events/0/" in out
    assert "INVALID_FIELD (Email)" in out
    assert '"object_id": "(number)"' in out
    assert '"connection": "(text, 13)"' in out

    code, out, _ = await shell.run("deadletters", "retry", letter_id)
    assert (code, out.splitlines()[-1]) == (0, "1 would be put back; add --apply")
    assert await records_of(kafka, EVENTS, key) == []

    code, out, _ = await shell.run("deadletters", "retry", letter_id, "--apply", "--json")
    assert (code, orjson.loads(out)["applied"]) == (0, True)
    (back,) = await records_of(kafka, EVENTS, key)
    assert (as_it_was(back), back.partition) == (event, 0)
    assert dict(back.headers)["ce_id"] == event.id.encode()
    assert dict(back.headers)["retryof"] == letter_id.encode()

    await viewed(tmp_path, {"bootstrap_servers": kafka})
    code, out, _ = await shell.run("deadletters", "list", "--connection", name)
    assert (code, out) == (0, "no dead letters\n")
    code, out, _ = await shell.run("deadletters", "list", "--connection", name, "--all", "--json")
    assert (code, len(orjson.loads(out))) == (1, 1)
    code, out, _ = await shell.run("trace", name, "invoice", "123", "--json")
    assert [each["entry"]["verdict"] for each in orjson.loads(out)] == ["dead-letter", "released"]


async def test_a_discarded_letter_leaves_the_list_and_is_still_told_of(
    shell: Terminal, kafka: str, tmp_path: Path, event: Event
) -> None:
    name = event.connection
    _, out, _ = await shell.run("deadletters", "list", "--connection", name, "--json")
    (letter_id,) = orjson.loads(out)[0]["ids"]
    asked = ("deadletters", "discard", letter_id, "--reason", "a test client")

    code, out, _ = await shell.run(*asked)
    assert (code, out.splitlines()[-1]) == (0, "1 would be discarded; add --apply")
    code, out, _ = await shell.run(*asked, "--apply")
    assert (code, out.splitlines()[-1]) == (0, "1 discarded")

    await viewed(tmp_path, {"bootstrap_servers": kafka})
    code, out, _ = await shell.run("deadletters", "list", "--connection", name)
    assert (code, out) == (0, "no dead letters\n")
    _, out, _ = await shell.run("deadletters", "list", "--connection", name, "--all", "--json")
    assert orjson.loads(out)[0]["closed"] == 1
    _, out, _ = await shell.run("deadletters", "show", letter_id, "--json")
    closed = orjson.loads(out)["closed"]
    assert (closed["how"], closed["why"]) == ("discarded", "a test client")


async def test_a_refused_row_is_sent_once_more_with_another_name(
    kafka: str, tmp_path: Path, event: Event
) -> None:
    options = {"bootstrap_servers": kafka}
    shell = await Terminal.opened(tmp_path, kafka)
    refused = a_command(says="A name that is too long", connection=event.connection)
    partition = partition_of(refused.key.encode(), 4)
    letter, entry = buried_row(refused, offset=a_place(), partition=partition)
    async with producing(options) as producer:
        await produce(producer, (letter, entry, A_CONNECTION.model_copy(update={"name": event.connection})))
    await viewed(tmp_path, options)
    anew = f"freshforce replay preview {event.connection} --only client:7"
    code, out, _ = await shell.run("deadletters", "retry", letter.id)
    assert (code, "(made by an older mapping)" in out, anew in out) == (0, True, True)
    (tmp_path / "keys").unlink()  # what is retried needs no key, nor does what is told of it
    code, out, err = await shell.run("deadletters", "retry", letter.id, "--json")
    assert code == 0, err
    assert orjson.loads(out)["letters"][0]["older_mapping"]["replay"] == anew
    asked = ("deadletters", "edit", letter.id, "--set", "Name=Ferry Ltd", "--reason", "too long")

    code, out, _ = await shell.run(*asked)
    assert (code, out.splitlines()[-1]) == (0, "1 would be sent anew; add --apply")
    assert "Ferry" not in out
    code, out, _ = await shell.run(*asked, "--apply")
    assert (code, out.splitlines()[-1]) == (0, "1 sent anew")

    (back,) = await records_of(kafka, COMMANDS, refused.key.encode())
    sent = decode(Command, back.value)
    assert (sent.fields, sent.version, sent.row) == ({"Name": "Ferry Ltd"}, refused.version, refused.row)
    assert back.partition == partition
    await viewed(tmp_path, options)
    code, out, _ = await shell.run("deadletters", "list", "--connection", event.connection)
    assert (code, out) == (0, "no dead letters\n")


@pytest.mark.usefixtures("shell")
async def test_the_page_has_one_tried_again_as_well(kafka: str, tmp_path: Path, event: Event) -> None:
    async with an_office(tmp_path) as office:
        office.desk.letters = KeptLetters({"bootstrap_servers": kafka})
        while not (told := await letters(await office.desk.store(), event.connection)):
            await viewed(tmp_path, {"bootstrap_servers": kafka})
        await office.browser.get("/connections")

        done = await office.browser.post("/deadletters/retry", {"id": told[0].id})

    assert "1 put back." in done.text
    assert [as_it_was(record) for record in await records_of(kafka, EVENTS, event.key.encode())] == [event]


@pytest.mark.usefixtures("shell")
async def test_the_page_discards_a_cause_with_its_reason(kafka: str, tmp_path: Path, event: Event) -> None:
    async with an_office(tmp_path) as office:
        office.desk.letters = KeptLetters({"bootstrap_servers": kafka})
        while not await letters(await office.desk.store(), event.connection):
            await viewed(tmp_path, {"bootstrap_servers": kafka})
        await office.browser.get("/connections")

        asked = {"code": "refused", "step": "fetch", "reason": "test clients"}
        done = await office.browser.post("/deadletters/discard", asked)
        await viewed(tmp_path, {"bootstrap_servers": kafka})
        (letter,) = await letters(await office.desk.store(), event.connection)

    assert "discarded." in done.text
    assert letter.closed is not None
    assert (letter.closed.how, letter.closed.why) == ("discarded", "test clients")
