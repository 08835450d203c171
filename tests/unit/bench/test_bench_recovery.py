import pytest

from app.bench.recovery import OURS, STOCK, Lost, Start, Starts, entries, report
from app.worker.packed import PackedMap
from streams.steps.id_map import IdMap, row_key

MB = 1_000_000


def some_starts(count: int, seconds: list[float], empty: float, memory: int) -> Starts:
    full = [Start(each + 5, 5, 100 * MB + memory, count) for each in seconds]
    return Starts(count, Start(empty + 1, 1, 100 * MB, 0), full)


def test_what_the_entries_add_to_an_empty_start_is_compared() -> None:
    ours = some_starts(1_000_000, [6, 7, 99], empty=2, memory=70 * MB)
    stock = some_starts(40_000, [11, 12, 13], empty=2, memory=20 * MB)

    speed, memory = report(ours, stock).goals

    assert (speed.value, speed.met) == (50, True)
    assert (memory.value, memory.met) == (70, True)


def test_too_slow_and_too_large_is_said_to_be() -> None:
    ours = some_starts(1_000_000, [12], empty=2, memory=81 * MB)
    stock = some_starts(40_000, [12], empty=2, memory=20 * MB)

    outcome = report(ours, stock)

    assert [goal.met for goal in outcome.goals] == [False, False]
    figures = {(row.system, row.metric): row.value for row in outcome.rows}
    assert figures[OURS, "recovered, less an empty start"] == 100_000
    assert figures[OURS, "start to ready"] == 12
    assert figures[OURS, "start to ready, by the clock"] == 17
    assert figures[STOCK, "memory per million entries"] == 500


def test_a_table_that_came_back_with_holes_is_no_recovery() -> None:
    ours = Starts(10, Start(1, 0, 1, 0), [Start(2, 0, 2, 9)])

    with pytest.raises(Lost, match="9 of 10"):
        ours.check()


def test_the_entries_are_those_that_deliver_writes() -> None:
    packed = PackedMap(34)
    packed.load((key or b"", value) for key, value, _ in entries(50))

    assert len(packed) == 50
    known = IdMap(packed).of(row_key("bench:Opportunity:p7rQW5:7"))
    assert known.salesforce_id == "006000000000007AAA"
    assert len(known.content) == 8
