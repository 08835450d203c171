"""Where a replay begins, as somebody names it."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import TopicPartition

from app.replay import positions
from app.replay.positions import BadPosition, named, read, refuse, refuse_future
from streams.topics import RECORDS

RANGES = {TopicPartition(RECORDS.name, 0): (10, 90), TopicPartition(RECORDS.name, 1): (0, 5)}


def test_offsets_are_read_as_pairs() -> None:
    assert read("0:120, 3:55", RECORDS) == {0: 120, 3: 55}


@pytest.mark.parametrize("group", ["", "freshforce,"])
def test_offsets_are_read_as_kafkas_own_tool_exports_them(group: str) -> None:
    text = f"{group}freshforce.records,0,120\n{group}freshforce.records,3,55\n"

    assert read(text, RECORDS) == {0: 120, 3: 55}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("others,freshforce.records,0,1", "others is not our group: that is freshforce"),
        ("freshforce.events,0,1", "freshforce.events is not replayed here: that is freshforce.records"),
        ("0:-1", "'-1' is no number"),
        ("0:1:2", "'1:2' is no number"),
        ("7", "'7' is not PARTITION:OFFSET"),
        ("", "there are no offsets of freshforce.records"),
    ],
)
def test_what_is_no_offset_of_our_group_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadPosition, match=why):
        read(text, RECORDS)


def test_offsets_outside_the_log_are_refused_with_the_valid_range() -> None:
    with pytest.raises(BadPosition) as refused:
        refuse(RECORDS, RANGES, {0: 9, 1: 6, 2: 0})

    assert str(refused.value).splitlines() == [
        "freshforce.records partition 0: 9 is not within 10 to 90",
        "freshforce.records partition 1: 6 is not within 0 to 5",
        "freshforce.records has no partition 2: there are 0 to 1",
    ]


def test_a_moment_in_the_future_is_refused_with_the_valid_range() -> None:
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)

    with pytest.raises(
        BadPosition, match=r"2026-11-29 12:00:01 \(UTC\) is yet to come; valid are 0: 10 to 90"
    ):
        refuse_future(RANGES, now + timedelta(seconds=1), now)
    refuse_future(RANGES, now, now)


async def test_what_is_no_offset_of_ours_is_refused_with_the_valid_range(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def places(_: object, *_names: str) -> list[TopicPartition]:
        return [*RANGES]

    async def ranges(_: object, _places: object) -> dict[TopicPartition, tuple[int, int]]:
        return RANGES

    monkeypatch.setattr(positions, "spots", places)
    monkeypatch.setattr(positions, "bounds", ranges)

    with pytest.raises(BadPosition, match=r"others is not our group.*; valid are 0: 10 to 90, 1: 0 to 5"):
        await named({}, "others,freshforce.records,0,1", RECORDS)


def test_both_ends_of_the_log_are_valid() -> None:
    refuse(RECORDS, RANGES, {0: 10, 1: 5})
