"""Clients are joined on an Account and split again at any moment, whatever crashes: the rows are right."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.replay.proof import Alarm, Proof
from app.replay.rederived import Rederived
from app.sandbox.salesforce.people import People
from streams.codec import decode
from streams.domain.command import Command
from streams.domain.scope import Scope
from streams.mapping.rules import Rules
from streams.topics import COMMANDS, ID_MAP, RECORDS
from tests.builders.events import ACME
from tests.fakes.virtual_time import simulate
from tests.property.test_whole_property import played
from tests.simulation.joining import Joining
from tests.simulation.tidy import tidy
from tests.simulation.told import History
from tests.simulation.whole import KEYS, OFTEN

SEEDS = st.integers(0, 2**32)
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)
"""A smaller seed is no simpler story."""


def _check(seed: int, deeds: int, trouble: float, clients: int, spoils: float) -> Joining:
    whole = Joining(seed, deeds, trouble, clients, spoils)

    calls = simulate(tidy(played(whole)))

    wanted = whole.wanted()
    assert whole.found(wanted) == wanted
    assert _stray_sums(whole) == []
    assert calls == 0
    assert [alarm for number in range(whole.broker.partitions) for alarm in _proof(whole, number)] == []
    return whole


def _proof(whole: Joining, number: int) -> list[Alarm]:
    """Derive a partition's whole history again and hold it against what was sent (`replay verify`)."""
    proof, broker = Proof(Rules.of(whole.settings[ACME]).version), whole.broker
    derived = Rederived(Scope.of(ACME, ""), {}, whole.settings)
    for key, value, _ in broker.logs[RECORDS.name, number]:
        for command in derived.take(key, value):
            proof.derived(command)
    proof.hold_against_delivered(broker.table((ID_MAP.changelog, number)))
    sent = [decode(Command, value) for _, value, _ in broker.logs[COMMANDS.name, number]]
    return [*(alarm for command in sent for alarm in proof.hold_against_sent(command)), *proof.left()]


def _stray_sums(whole: Joining) -> list[str]:
    """Return the Accounts of joined clients that still show money, though it is counted elsewhere."""
    left = {f"p7rQW5:{client}" for client in whole.homes}
    rows = [row for row in People(whole.org).rows("Account") if row.get(KEYS["Account"]) in left]
    return [str(row[KEYS["Account"]]) for row in rows if row.get("FreshBooks_Payment_Status__c")]


@settings(max_examples=40, deadline=None, phases=UNSHRUNK)
@given(SEEDS, st.integers(1, 14), st.sampled_from(OFTEN), st.integers(2, 4), st.sampled_from(OFTEN))
def test_any_joins_and_splits_end_in_the_rows_of_the_model_and_a_second_run_calls_nobody(
    seed: int, deeds: int, trouble: float, clients: int, spoils: float
) -> None:
    _check(seed, deeds, trouble, clients, spoils)


def test_what_the_histories_hold_are_joins_splits_and_rows_that_waited_or_were_overtaken() -> None:
    stories = [_check(seed, 14, 0.25, 3, 0.05) for seed in range(6)]
    logs = [History(it.broker) for it in stories]

    assert sum(it.joined for it in stories) > 6
    assert sum(it.split for it in stories) > 3
    assert any(it.homes for it in stories)
    assert any(True for it in logs for _ in it.demands_that_a_newer_state_took_over())
    assert any(True for it in logs for _ in it.overtaken_by_what_was_read_earlier())
    assert any(True for it in logs for _ in it.waited_longer_than_their_opportunity())


@pytest.mark.slow
@settings(max_examples=600, deadline=None, phases=UNSHRUNK)
@given(SEEDS, st.integers(1, 60), st.sampled_from(OFTEN), st.integers(2, 4), st.sampled_from(OFTEN))
def test_long_histories_of_joins_end_in_the_rows_of_the_model(
    seed: int, deeds: int, trouble: float, clients: int, spoils: float
) -> None:
    _check(seed, deeds, trouble, clients, spoils)
