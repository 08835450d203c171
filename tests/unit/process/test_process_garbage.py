import gc
from collections.abc import Iterator

import pytest

from app.process.garbage import NEW, look_seldom


@pytest.fixture(autouse=True)
def _collector() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_objects_of_a_busy_moment_are_not_looked_at() -> None:
    look_seldom()
    assert gc.get_freeze_count() > 0
    looks = sum(each["collections"] for each in gc.get_stats())

    under_way = [[number] for number in range(NEW // 2)]

    assert under_way
    assert sum(each["collections"] for each in gc.get_stats()) == looks


def test_garbage_in_cycles_is_found_in_the_end() -> None:
    look_seldom()
    looks = sum(each["collections"] for each in gc.get_stats())

    under_way = [[number] for number in range(2 * NEW)]

    assert under_way
    assert sum(each["collections"] for each in gc.get_stats()) > looks
