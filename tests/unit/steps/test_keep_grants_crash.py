"""The six steps of a renewal, and what happens when somebody dies, wakes or comes in between."""

import asyncio

from streams.domain.audit import Verdict
from streams.domain.grant import Sealed
from streams.ports_grants import Kept
from streams.steps.keep_grants import SETTLE
from tests.builders.keeping import Issuer, Topic, a_keeper, asked, entry, handled, sealed
from tests.fakes.virtual_time import simulate


def started_by(owner: str, generation: int = 4) -> Sealed:
    update = {"started": f"digest of {generation}", "owner": owner}
    return sealed(generation).model_copy(update=update)


def test_the_start_stands_in_the_topic_before_the_token_is_spent() -> None:
    topic = Topic(sealed(4))

    handled(a_keeper(topic, Issuer()), asked(4))

    start, pair = topic.written
    assert (start.generation, start.started, start.owner) == (4, "digest of 4", "us")
    assert (pair.generation, pair.started, pair.follows) == (5, "", start.mark)


def test_who_is_not_first_to_start_spends_nothing() -> None:
    topic = Topic(sealed(4), others=[sealed(5)])

    (values,) = handled(a_keeper(topic, issuer := Issuer()), asked(4))

    assert issuer.spent == []
    assert entry(values).verdict is Verdict.SUPERSEDED


def test_another_owners_start_is_left_its_time_and_its_pair_is_taken() -> None:
    topic = Topic(started_by("them"))

    async def story() -> None:
        asking = asyncio.ensure_future(a_keeper(topic, issuer).ask(asked(4)))
        await asyncio.sleep(SETTLE / 2)
        topic.newest_ = sealed(5)
        await asking

    issuer = Issuer()
    simulate(story())

    assert issuer.spent == []


def test_a_start_that_a_crash_left_is_tried_once_when_its_time_is_over() -> None:
    topic = Topic(started_by("them"))

    async def story() -> float:
        await a_keeper(topic, issuer).ask(asked(4))
        return asyncio.get_running_loop().time()

    issuer = Issuer()

    assert simulate(story()) >= SETTLE
    assert issuer.spent == [4]
    assert topic.newest_ is not None
    assert topic.newest_.generation == 5


def test_partitions_that_move_do_not_cut_off_a_trade() -> None:
    topic = Topic(sealed(4))

    async def story() -> None:
        asking = asyncio.ensure_future(a_keeper(topic, Issuer()).ask(asked(4)))
        await asyncio.sleep(0.5)
        asking.cancel()
        await asyncio.sleep(5)

    simulate(story())

    assert topic.newest_ is not None
    assert topic.newest_.generation == 5


def test_a_new_pair_is_written_until_kafka_has_it() -> None:
    topic = Topic(sealed(4), away=0)

    async def story() -> None:
        asking = asyncio.ensure_future(a_keeper(topic, Issuer()).ask(asked(4)))
        await asyncio.sleep(0.5)
        topic.away = 100
        await asking

    simulate(story())

    assert topic.newest_ is not None
    assert topic.newest_.generation == 5


def test_a_start_sealed_with_another_key_meanwhile_does_not_cost_the_new_pair() -> None:
    topic = Topic(sealed(4))

    async def story() -> None:
        asking = asyncio.ensure_future(a_keeper(topic, Issuer()).ask(asked(4)))
        await asyncio.sleep(0.5)
        assert topic.newest_ is not None
        topic.newest_ = topic.newest_.model_copy(update={"nonce": b"another", "follows": topic.newest_.mark})
        await asking

    simulate(story())

    assert topic.newest_ is not None
    assert topic.newest_.generation == 5


def test_a_person_who_connects_while_a_token_is_renewed_wins() -> None:
    topic = Topic(sealed(4))
    theirs = sealed(5)

    async def story() -> None:
        asking = asyncio.ensure_future(a_keeper(topic, Issuer()).ask(asked(4)))
        await asyncio.sleep(0.5)
        topic.newest_ = theirs
        await asking

    simulate(story())

    assert topic.newest_ == theirs


def test_what_a_dead_keeper_did_and_could_not_say_is_said_under_its_own_id() -> None:
    topic = Topic(sealed(4))

    (first,) = handled(a_keeper(topic, Issuer()), asked(4))
    (again,) = handled(a_keeper(topic, issuer := Issuer(), "after the restart"), asked(4))

    assert issuer.spent == []
    assert entry(again).id == entry(first).id
    assert entry(again).verdict is Verdict.REFRESHED


def test_a_trouble_that_lasts_for_hours_is_said_once() -> None:
    trouble = Kept(Verdict.IGNORED, "not renewed: no answer", trouble=True)
    step = a_keeper(Topic(sealed(4)), Issuer(answer=trouble))

    answers = handled(step, *(asked(4, f"ask {n}") for n in range(2)))

    assert [len(values) for values in answers] == [1, 0]
