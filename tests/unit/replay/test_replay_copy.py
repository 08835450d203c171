"""Into which connection a history may be replayed, and as what."""

import pytest
from aiokafka import TopicPartition

from app.replay.copy import NoGoal, copied, goal_of
from app.replay.homes import homes, latest, left_out
from app.replay.reach import undone
from streams.domain.connection import Connection
from streams.domain.identity import AccountId, ClientId, ConnectionName
from tests.builders.joins import a_joined_client, joined
from tests.builders.records import A_CONNECTION, a_client, a_record, an_invoice

SANDBOX = ConnectionName("acme-sandbox")
SOURCE = A_CONNECTION.model_copy(update={"salesforce_domain": "https://acme.my.salesforce.com"})
GOAL = Connection(name=SANDBOX, salesforce_domain="https://acme--dev.sandbox.my.salesforce.com")


def test_a_history_goes_into_another_org_under_a_prefix_of_its_own() -> None:
    made = goal_of(SOURCE, GOAL, "dev", reads_books=False)

    assert (made.freshbooks_account_id, made.copied) == ("dev", True)
    assert goal_of(SOURCE, made, "", reads_books=False) == made
    assert goal_of(SOURCE, GOAL, "p7rQW5", reads_books=False).freshbooks_account_id == "p7rQW5"


@pytest.mark.parametrize(
    ("goal", "prefix", "reads", "why"),
    [
        (GOAL, "dev", True, "two histories would be mixed"),
        (Connection(name=SANDBOX), "dev", False, "is not joined to an org"),
        (GOAL, "", False, "has no prefix"),
        (GOAL.model_copy(update={"freshbooks_account_id": AccountId("x")}), "dev", False, "has the prefix x"),
        (SOURCE, "", False, "would write over the rows of acme"),
        (SOURCE.model_copy(update={"name": SANDBOX}), "", False, "would write over the rows of acme"),
    ],
)
def test_what_would_mix_or_overwrite_is_refused(
    goal: Connection, prefix: str, *, reads: bool, why: str
) -> None:
    with pytest.raises(NoGoal, match=why):
        goal_of(SOURCE, goal, prefix, reads_books=reads)


def test_a_copy_is_the_same_whenever_it_is_made_and_nobody_elses() -> None:
    record = a_record(a_client())

    once, again = copied(record, SANDBOX), copied(record, SANDBOX)

    assert once == again
    assert once.id != record.id
    assert (once.key, once.version, once.snapshot) == ("acme-sandbox:7", record.version, record.snapshot)


def test_a_clients_copies_all_say_whose_account_it_shares_by_now() -> None:
    record, other = a_joined_client(8, 9), joined(7, at=5)

    now = copied(record, SANDBOX, other)

    assert now.joined == other
    assert now.id not in {copied(record, SANDBOX).id, copied(record, SANDBOX, joined(None, at=6)).id}
    assert copied(a_record(an_invoice(client=8)), SANDBOX, other).joined is None


def test_a_client_on_whose_account_the_last_word_is_that_it_has_its_own_shares_none() -> None:
    once, since = joined(7, at=1), joined(None, at=2)

    assert left_out({ClientId(8): latest(once, since), ClientId(9): latest(since, once)}, set()) == {}


def test_clients_whose_account_others_share_go_first_and_whoever_misses_it_is_left_out() -> None:
    joins = {ClientId(8): joined(7), ClientId(9): joined(6), ClientId(6): joined(None)}

    assert homes(joins) == {7, 6}
    assert left_out(joins, {ClientId(7)}) == {9: 6}


def test_what_kafka_let_go_of_before_the_workers_came_to_it_is_not_waited_for() -> None:
    log = {TopicPartition("log", nth): (5_000, end) for nth, end in enumerate((5_000, 5_010, 5_010, 5_010))}

    assert undone(log, {2: 5_004, 3: 17}) == 0 + 10 + 6 + 10


def test_who_shares_anothers_account_never_goes_first() -> None:
    assert homes({ClientId(8): joined(7), ClientId(9): joined(8)}) == {7}
