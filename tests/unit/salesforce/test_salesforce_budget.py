"""Our share of the org's daily calls: whose calls count, and who may go when it runs low."""

import pytest

from app.salesforce.calls.budget import ASKS_AFTER, CROWD, PAYMENTS_FIRST, Budget
from app.salesforce.calls.urgency import Urgency


def heard(text: str) -> Budget:
    budget = Budget()
    budget.count(0.0)
    budget.heard({"sforce-limit-info": text})
    return budget


@pytest.mark.parametrize(
    ("header", "used", "limit"),
    [
        ("api-usage=18/5000", 18, 5000),
        ("api-usage=25/5000; per-app-api-usage=17/250(appName=sample-app)", 25, 5000),
        ("per-app-api-usage=17/250(appName=sample-app); api-usage=25/5000", 25, 5000),
    ],
)
def test_the_limit_is_the_orgs_not_the_apps(header: str, used: int, limit: int) -> None:
    budget = heard(header)

    assert (budget.used, budget.limit) == (used, limit)


@pytest.mark.parametrize(
    "header",
    ["", "api-usage=many/more", "something else", "api-usage=7/0", f"api-usage=1/{'9' * 5000}"],
)
def test_an_unreadable_limit_limits_nothing(header: str) -> None:
    assert heard(header).admits(0.01, 0.0) is Urgency.DETAILS


@pytest.mark.parametrize(
    ("used", "least"),
    [
        (0, Urgency.DETAILS),
        (399, Urgency.DETAILS),
        (400, Urgency.BALANCE),
        (449, Urgency.BALANCE),
        (450, Urgency.MONEY),
        (499, Urgency.MONEY),
        (500, None),
        (1000, None),
    ],
)
def test_the_last_fifth_of_our_share_is_kept_for_what_people_wait_for(
    used: int, least: Urgency | None
) -> None:
    assert heard(f"api-usage={used}/1000").admits(0.5, 1.0) is least


def test_where_the_org_counts_our_app_apart_other_callers_cost_us_nothing() -> None:
    budget = heard("api-usage=900/1000; per-app-api-usage=17/250(appName=freshforce)")

    assert budget.admits(0.5, 1.0) is Urgency.DETAILS
    assert (budget.spent(), budget.counts) == (17, "this app")


def test_where_it_does_not_everybodys_calls_count_for_ours_may_be_any_of_them() -> None:
    budget = heard("api-usage=900/1000")

    assert budget.admits(0.5, 1.0) is None
    assert (budget.spent(), budget.counts) == (900, "everybody")


def test_a_limit_of_the_app_below_our_share_is_the_one_that_holds() -> None:
    assert heard("api-usage=20/1000; per-app-api-usage=10/10(appName=x)").admits(0.5, 1.0) is None


def test_the_orgs_last_calls_are_left_to_people_and_to_payments() -> None:
    budget = heard("api-usage=960/1000; per-app-api-usage=17/900(appName=freshforce)")

    assert budget.admits(1.0, 1.0) is Urgency.MONEY


def test_calls_count_before_their_answer_says_so() -> None:
    budget = heard("api-usage=499/1000")
    budget.count(1.0)

    assert budget.admits(0.5, 1.0) is None


def test_two_processes_together_stay_within_the_share_without_knowing_of_each_other() -> None:
    org, processes = 0, (Budget(), Budget())
    for second in range(100):
        for budget in processes:
            if budget.admits(0.05, float(second)) is not None or budget.limit is None:
                org += 1
                budget.count(float(second))
                budget.heard({"sforce-limit-info": f"api-usage={org}/1000"})

    assert 50 <= org <= 51


def test_after_five_quiet_minutes_one_call_may_ask_whether_the_window_has_moved() -> None:
    budget = heard("api-usage=900/1000")
    assert budget.admits(0.5, ASKS_AFTER - 1) is None

    assert budget.admits(0.5, ASKS_AFTER) is Urgency.MONEY
    assert budget.admits(0.5, ASKS_AFTER + PAYMENTS_FIRST) is Urgency.DETAILS
    budget.count(ASKS_AFTER + PAYMENTS_FIRST)
    assert budget.admits(0.5, ASKS_AFTER + PAYMENTS_FIRST) is None


def test_a_crowd_that_is_kept_back_gets_one_call_every_five_minutes_unless_our_share_is_used_up() -> None:
    budget = heard("api-usage=460/1000")
    assert budget.admits(0.5, 1.0, kept=CROWD - 1) is Urgency.MONEY
    assert budget.admits(0.5, 1.0, kept=CROWD) is Urgency.DETAILS
    budget.sent(Urgency.DETAILS, 1.0)

    soon, later = (budget.admits(0.5, 1.0 + passed, kept=CROWD) for passed in (ASKS_AFTER - 1, ASKS_AFTER))

    assert (soon, later) == (Urgency.MONEY, Urgency.DETAILS)
    assert heard("api-usage=500/1000").admits(0.5, 1.0, kept=CROWD) is None


def test_a_crowds_turn_lasts_until_rows_of_it_go_whatever_other_calls_are_made() -> None:
    budget = heard("api-usage=460/1000")
    budget.admits(0.5, 1.0, kept=CROWD)

    budget.count(2.0)
    budget.sent(Urgency.MONEY, 2.0)
    still = budget.admits(0.5, 3.0, kept=0)  # they are on the shelves by now
    budget.sent(Urgency.BALANCE, 3.0)

    assert still is Urgency.DETAILS
    assert budget.admits(0.5, 4.0, kept=CROWD) is Urgency.MONEY


def test_a_crowds_turn_is_over_when_the_window_has_moved_and_what_comes_later_keeps_its_reserve() -> None:
    budget = heard("api-usage=425/1000")
    budget.admits(0.5, 1.0, kept=CROWD)
    budget.heard({"sforce-limit-info": "api-usage=50/1000"})
    assert budget.admits(0.5, 2.0 + ASKS_AFTER, kept=CROWD) is Urgency.DETAILS

    budget.sent(Urgency.DETAILS, 2.0 + ASKS_AFTER)
    budget.heard({"sforce-limit-info": "api-usage=460/1000"})

    assert budget.admits(0.5, 3.0 + ASKS_AFTER) is Urgency.MONEY


def test_sending_goes_on_as_soon_as_an_answer_says_that_the_window_has_moved() -> None:
    budget = heard("api-usage=900/1000")

    budget.heard({"sforce-limit-info": "api-usage=300/1000"})

    assert budget.admits(0.5, 1.0) is Urgency.DETAILS
