"""Looking for secrets where none may be: in any of the forms in which one might slip out."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiokafka import TopicPartition

from app.kafka.inventory import administering
from app.kafka.log import reading, some


def forms(secret: str) -> Iterator[bytes]:
    """Yield a secret as it is, and as it looks encoded."""
    raw = secret.encode()
    yield raw
    yield raw.hex().encode()
    yield quote(secret, safe="").encode()
    for at in range(3):  # base64 of a text that has it anywhere
        for encode in (b64encode, urlsafe_b64encode):
            inner = encode(b"\0" * at + raw)
            yield inner[4 if at else 0 : len(inner) - 4]


def leaks(places: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[str]:
    """Return where which secret is; never the secret."""
    return [
        f"{name} in {place}"
        for place, found in places.items()
        for name, secret in secrets.items()
        if any(form in found for form in forms(secret))
    ]


def files(home: Path, *, but: frozenset[str]) -> dict[str, bytes]:
    """Return every file below `home`, except those named: Kafka's own among them."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name not in but
    }


def processes() -> dict[str, bytes]:
    """Return the arguments of every process of this machine."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found[str(path)] = path.read_bytes()
        except OSError:  # it has just ended
            continue
    return found


async def topics(kafka: str) -> dict[str, bytes]:
    """Return all keys, values and headers of every topic of ours, decompressed."""
    options = {"bootstrap_servers": kafka}
    async with administering(options) as admin:
        described = await admin.describe_topics()
    return {
        topic["topic"]: await _whole(options, topic["topic"], len(topic["partitions"]))
        for topic in described
        if not topic["topic"].startswith("__")
    }


async def _whole(options: Mapping[str, Any], name: str, partitions: int) -> bytes:
    spots = [TopicPartition(name, number) for number in range(partitions)]
    async with reading(options) as consumer:
        consumer.assign(spots)
        begins, ends = await consumer.beginning_offsets(spots), await consumer.end_offsets(spots)
        parts: list[bytes] = []
        for spot in spots:
            consumer.seek(spot, begins[spot])
            while await consumer.position(spot) < ends[spot]:
                for record in await some(consumer, spot):
                    parts += [record.key or b"", record.value or b"", repr(record.headers).encode()]
        return b"\n".join(parts)
