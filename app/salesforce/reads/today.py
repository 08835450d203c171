"""What a long work costs of the org's calls of today, for whoever tells it beforehand."""

from collections.abc import Mapping
from typing import Any, Final

from app.salesforce.api.client import Client
from app.salesforce.calls.budget import Budget
from streams.domain.errors import FreshforceError

_FREED: Final = "wait until the last 24 hours free some, or raise the connection's api_share"


async def todays(client: Client, share: float) -> Mapping[str, Any]:
    """Return what the org says of our calls; why not, where it does not answer."""
    try:
        return await budget_of(client, share)
    except FreshforceError as error:
        return {"unknown": error.code}


async def budget_of(client: Client, share: float) -> Mapping[str, Any]:
    """Return what the org says of our calls when `client` asks it: one call.

    Raises:
        Misconfigured, Unreachable: it does not answer.
    """
    await client.ask("limits", "GET", "/limits")
    return _left(client.budget, share)


def costs(calls: int, budget: Mapping[str, Any]) -> str:
    """Return in words how many calls that is, and which share of what is left today."""
    many = f"{calls:,} API call{'' if calls == 1 else 's'}"
    if "unknown" in budget:
        return f"{many}; what is left of today's is not known ({budget['unknown']})"
    left, ours = max(budget["ours"] - budget["used"], 0), f"of our {budget['ours']:,} today"
    if calls <= left or not calls:
        return f"{many}, {100 * calls / max(left, 1):.1f} % of the {left:,} that are left {ours}"
    few = {0: "none is", 1: "only 1 is"}.get(left, f"only {left:,} are")
    return f"{many}, but {few} left {ours}: {_FREED}"


def _left(budget: Budget, share: float) -> Mapping[str, Any]:
    if budget.limit is None:
        return {"unknown": "the org states no limit"}
    return {"ours": int(budget.allowance(share)), "used": budget.spent(), "limit": budget.limit}
