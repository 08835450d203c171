"""Who did what about a replay stands in the audit, where the trace of what it is about finds it."""

from datetime import timedelta

from app.replay.said import said
from app.replay.told import acts, last_by
from streams.domain.audit import Step, Verdict
from streams.domain.identity import ObjectKind
from streams.domain.replay import ReplayState
from tests.builders.replays import NOON, a_replay


def test_an_act_upon_a_replay_names_the_person_and_is_found_by_the_client_that_it_is_about() -> None:
    entry = said(a_replay(only="client:7"), "applied", "ann", NOON)

    assert (entry.verdict, entry.details["actor"]) == (Verdict.REPLAYED, "ann")
    assert (entry.object, entry.object_id, entry.client) == (ObjectKind.CLIENT, 7, 7)
    assert entry.rule == "replay 3f29c6d1a0b7 was applied"


def test_an_act_upon_an_invoices_replay_is_found_by_the_invoice() -> None:
    entry = said(a_replay(only="invoice:123"), "previewed", "ann", NOON)

    assert (entry.object, entry.object_id, entry.client) == (ObjectKind.INVOICE, 123, None)


def test_an_act_says_whether_it_was_done_by_a_command_or_on_a_page() -> None:
    by_command, on_a_page = (
        said(a_replay(), "paused", "ann", NOON),
        said(a_replay(), "paused", "ann", NOON, Step.DESK),
    )

    assert (by_command.step, on_a_page.step) == (Step.COMMAND_LINE, Step.DESK)


def test_the_same_act_twice_is_two_entries() -> None:
    later = NOON + timedelta(seconds=1)

    assert said(a_replay(), "paused", "ann", NOON).id != said(a_replay(), "paused", "ann", later).id


def test_the_last_who_acted_is_whoever_brought_it_to_where_it_stands() -> None:
    plan = a_replay(state=ReplayState.STOPPED).model_copy(
        update={"previewed_by": "ann", "applied_by": "bob", "halted_by": "cleo"}
    )

    assert [*acts(plan)] == ["previewed by ann", "applied by bob", "stopped by cleo"]
    assert last_by(plan) == "cleo"
    assert last_by(plan.model_copy(update={"state": ReplayState.DONE})) == "bob"
    assert last_by(a_replay()) == ""
