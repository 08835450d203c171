"""Into which connection a history may be replayed, and as what."""

import pytest

from app.replay.copy import NoGoal, copied, goal_of
from streams.domain.connection import Connection
from streams.domain.identity import AccountId, ConnectionName
from tests.builders.records import A_CONNECTION, a_client, a_record

SANDBOX = ConnectionName("acme-sandbox")
SOURCE = A_CONNECTION.model_copy(update={"salesforce_domain": "https://acme.my.salesforce.com"})
GOAL = Connection(name=SANDBOX, salesforce_domain="https://acme--dev.sandbox.my.salesforce.com")


def test_a_history_goes_into_another_org_under_a_prefix_of_its_own() -> None:
    made = goal_of(SOURCE, GOAL, "dev", reads_books=False)

    assert made.freshbooks_account_id == "dev"
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
