"""What a long work costs of today's calls, in words."""

import pytest

from app.salesforce.reads.today import costs

MEND = "wait until the last 24 hours free some, or raise the connection's api_share"


@pytest.mark.parametrize(
    ("calls", "used", "said"),
    [
        (1, 100, "1 API call, 0.0 % of the 49,900 that are left of our 50,000 today"),
        (9, 49_991, "9 API calls, 100.0 % of the 9 that are left of our 50,000 today"),
        (9, 49_999, f"9 API calls, but only 1 is left of our 50,000 today: {MEND}"),
        (9, 49_997, f"9 API calls, but only 3 are left of our 50,000 today: {MEND}"),
        (1, 50_001, f"1 API call, but none is left of our 50,000 today: {MEND}"),
    ],
)
def test_more_calls_than_are_left_are_set_beside_them_and_are_no_share(
    calls: int, used: int, said: str
) -> None:
    assert costs(calls, {"ours": 50_000, "used": used}) == said
