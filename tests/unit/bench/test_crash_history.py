"""The judge of stale overwrites must find each one, and nothing else."""

from collections.abc import Sequence
from typing import Any

from app.bench.crash_history import relapses

ROW = ("Opportunity", "acct:1")


def a_command(version: int, amount: str) -> dict[str, Any]:
    fields = {"Name": "Invoice 1", "StageName": "Invoiced", "FreshBooks_Amount__c": {"figure": amount}}
    return {"sobject": ROW[0], "external_id": ROW[1], "version": version, "fields": fields}


def a_write(amount: float) -> dict[str, Any]:
    return {
        "Name": "Invoice 1",
        "StageName": "Invoiced",
        "FreshBooks_Amount__c": amount,
        "LastModifiedDate": "now",
    }


COMMANDS = [a_command(1, "10.00"), a_command(2, "20.00"), a_command(5, "10.00"), a_command(6, "30.50")]


def found(amounts: Sequence[float]) -> list[tuple[int, int, tuple[int, ...]]]:
    relapsed = relapses(COMMANDS, {ROW: [a_write(amount) for amount in amounts]})
    return [(each.write, each.newest, each.to) for each in relapsed]


def test_rows_that_only_go_forward_are_no_relapse() -> None:
    assert found([10, 20, 10, 30.5]) == []


def test_a_repeat_of_the_same_state_is_no_relapse() -> None:
    assert found([10, 10, 20, 20]) == []


def test_skipped_states_are_no_relapse() -> None:
    assert found([10, 30.5]) == []


def test_an_older_state_over_a_newer_one_is_a_relapse() -> None:
    assert found([30.5, 20, 30.5]) == [(2, 6, (2,))]


def test_a_state_that_came_back_by_itself_is_none_but_its_repeat_over_the_newest_is() -> None:
    assert found([20, 10, 30.5, 10]) == [(4, 6, (1, 5))]


def test_a_write_that_no_command_asked_for_is_told() -> None:
    assert found([10, 99]) == [(2, 1, ())]


def test_a_write_that_leaves_the_stage_alone_is_judged_by_the_stage_that_is_there() -> None:
    later = {name: value for name, value in a_write(20).items() if name != "StageName"}

    assert [*relapses(COMMANDS, {ROW: [a_write(10), later]})] == []


def test_a_write_that_leaves_the_stage_alone_over_a_newer_stage_is_a_relapse() -> None:
    won = a_command(3, "20.00")
    won["fields"] |= {"StageName": {"phase": "won", "name": "Closed Won"}}
    stale = {name: value for name, value in a_write(10).items() if name != "StageName"}
    history = [a_write(10), a_write(20) | {"StageName": "Closed Won"}, stale]

    found = relapses([*COMMANDS[:2], won], {ROW: history})

    assert [(each.write, each.newest, each.to) for each in found] == [(3, 3, ())]
