"""What a preview and a plan say to a person."""

from collections import Counter

from app.replay.preview import Tally
from app.replay.rederived import Counts
from app.replay.told import price, summary, writes
from app.replay.weighing import Sort
from streams.domain.command import SObject
from streams.domain.replay import Source
from tests.builders.replays import a_replay

TODAY = {"ours": 50_000, "used": 100, "limit": 100_000}
EVENTS = Tally(counts=Counts(messages=3, objects={"invoice:31", "invoice:32"}))


def test_a_stretch_without_anything_of_what_was_asked_for_is_said_to_have_nothing() -> None:
    assert [*summary(Tally())] == ["the log has nothing of it there: nothing would be read again"]


def test_what_events_cost_is_not_said_to_be_nothing() -> None:
    assert "0 API calls" not in price(EVENTS, TODAY)
    assert writes(a_replay(source=Source.EVENTS)) == "the rows that differ once FreshBooks is read again"


def test_what_records_cost_is_told_in_calls() -> None:
    tally = Tally(Counter({(SObject.ACCOUNT, Sort.CHANGED): 1}), counts=Counts(messages=1))

    assert price(tally, TODAY).startswith("1 API call, 0.0 % of the 49,900")
    assert writes(a_replay()) == "1 row, 1 API call"
