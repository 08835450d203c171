"""Our share of the org's daily calls."""

import pytest

from app.salesforce.budget import HOUR, Budget


def heard(text: str) -> Budget:
    budget = Budget()
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


@pytest.mark.parametrize("header", ["", "api-usage=many/more", "something else"])
def test_an_unreadable_limit_limits_nothing(header: str) -> None:
    budget = heard(header)
    budget.count(0.0)

    assert budget.rest(0.01, 0.0) == 0.0


def test_calls_stop_at_our_share_and_go_on_when_the_window_has_moved() -> None:
    budget = heard("api-usage=1/100")
    for _ in range(50):
        budget.count(10.0)

    seconds = budget.rest(0.5, 10.0)

    assert seconds == pytest.approx(25 * HOUR - 10.0)
    assert budget.rest(0.51, 10.0) == 0.0
    assert budget.rest(0.5, 10.0 + seconds) == 0.0
