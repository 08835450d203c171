"""Where a replay begins: the first message, a moment, or offsets that somebody names."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from aiokafka import TopicPartition

from app.kafka.inventory import spots
from app.kafka.log import bounds, first_since
from app.replay.preview import Span
from streams.domain.errors import Misconfigured
from streams.topics import APP, Topic

_COLUMNS: Final = (3, 4)
"""Of an export by kafka-consumer-groups: topic, partition, offset; with several groups, the group first."""


class BadPosition(Misconfigured):
    """A replay cannot begin there."""

    code = "bad-position"
    mend = "name offsets within the range, or leave them out to begin with the first message"


async def spans(
    options: Mapping[str, Any],
    topic: Topic,
    now: datetime,
    since: datetime | None = None,
    offsets: Mapping[int, int] | None = None,
) -> Sequence[Span]:
    """Return the stretch of each partition that is to be replayed, to where its log ends now.

    Raises:
        BadPosition: it begins outside the log, or in the future; the message holds the valid range.
        KafkaAway: no broker answers.
    """
    places = await spots(options, topic.name)
    ranges = await bounds(options, places)
    begins = {place: first for place, (first, _) in ranges.items()}
    if since is not None:
        refuse_future(ranges, since, now)
        begins = await first_since(options, ranges, since)
    if offsets is not None:
        begins = {place: offsets.get(place.partition, end) for place, (_, end) in ranges.items()}
        refuse(topic, ranges, offsets)
    return [Span(place.partition, begins[place], end) for place, (_, end) in sorted(ranges.items())]


async def named(options: Mapping[str, Any], text: str, topic: Topic) -> Mapping[int, int]:
    """Return the offsets in `text`, as `read` does.

    Raises:
        BadPosition: it speaks of something else; the message holds the valid range.
        KafkaAway: no broker answers.
    """
    try:
        return read(text, topic)
    except BadPosition as wrong:
        message = f"{wrong}; {valid(await bounds(options, await spots(options, topic.name)))}"
        raise BadPosition(message) from None


def valid(ranges: Mapping[TopicPartition, tuple[int, int]]) -> str:
    """Return in which range offsets are valid, partition by partition."""
    each = (f"{at.partition}: {begin} to {end}" for at, (begin, end) in sorted(ranges.items()))
    return f"valid are {', '.join(each)}"


def refuse(
    topic: Topic, ranges: Mapping[TopicPartition, tuple[int, int]], offsets: Mapping[int, int]
) -> None:
    """Raise for each offset outside the log, with its valid range."""
    known = {place.partition: between for place, between in ranges.items()}
    wrong = [
        f"{topic.name} has no partition {number}: there are {min(known)} to {max(known)}"
        if number not in known
        else f"{topic.name} partition {number}: {offset} is not within {'{} to {}'.format(*known[number])}"
        for number, offset in offsets.items()
        if number not in known or not known[number][0] <= offset <= known[number][1]
    ]
    if wrong:
        raise BadPosition("\n".join(wrong))


def refuse_future(ranges: Mapping[TopicPartition, tuple[int, int]], since: datetime, now: datetime) -> None:
    """Raise when a moment is yet to come: nothing can stand there."""
    if since > now:
        message = f"{since:%Y-%m-%d %H:%M:%S} (UTC) is yet to come; {valid(ranges)}"
        raise BadPosition(message)


def read(text: str, topic: Topic) -> Mapping[int, int]:
    """Return the offsets in `text`: `0:120,3:55`, or lines as kafka-consumer-groups exports them.

    Raises:
        BadPosition: it is neither, or speaks of another group or topic.
    """
    found = dict(_pairs(text.strip(), topic))
    if not found:
        message = f"there are no offsets of {topic.name}"
        raise BadPosition(message)
    return found


def _pairs(text: str, topic: Topic) -> Iterator[tuple[int, int]]:
    if ":" in text:
        for each in text.split(","):
            partition, _, offset = each.partition(":")
            yield _number(partition), _number(offset)
        return
    for row in csv.reader(text.splitlines()):
        if len(row) not in _COLUMNS:
            message = f"{','.join(row)!r} is not PARTITION:OFFSET,… nor topic,partition,offset"
            raise BadPosition(message)
        *group, named, partition, offset = (each.strip() for each in row)
        if group not in ([], [APP]):
            message = f"{group[0]} is not our group: that is {APP}"
            raise BadPosition(message)
        if named != topic.name:
            message = f"{named} is not replayed here: that is {topic.name}"
            raise BadPosition(message)
        yield _number(partition), _number(offset)


def _number(text: str) -> int:
    if re.fullmatch(r"\s*[0-9]+\s*", text) is None:
        message = f"{text!r} is no number"
        raise BadPosition(message)
    return int(text)
