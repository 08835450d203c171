"""Our share of an org's daily API calls, as every answer states their use and limit.

Salesforce counts the calls of the last 24 hours. Where an admin limits the app, the header counts the
app's own calls, whichever process made them; that figure is exact, and used. Otherwise it counts
everybody's together, and ours cannot be told from them: then the share is held against that sum. So
however many of our processes call the org, and however often they start anew, they never use more than
the share; the cost is that a busy org stops us sooner.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.salesforce.calls.urgency import Urgency

ASKS_AFTER: Final = 300.0
"""Seconds without a call after which one may ask whether the window has moved."""
PAYMENTS_FIRST: Final = 10.0
"""Seconds for which that call is a payment's, should one wait."""
CROWD: Final = 2_000
"""Rows kept back that may fill all that a partition holds in hand: payments behind them cannot be read."""
RESERVES: Final = ((0.8, Urgency.DETAILS), (0.9, Urgency.BALANCE), (1.0, Urgency.MONEY))
"""The least urgent that may go while less than this part of our share is used."""
OTHERS: Final = 0.95
"""Use of all the org's calls beyond which the rest is left to people and to payments."""

GOES_ON: Final[Mapping[Urgency | None, str]] = {
    None: "nothing until the window frees calls; one call in five minutes asks",
    Urgency.MONEY: "payments and closed deals",
    Urgency.BALANCE: "payments, closed deals and balances",
    Urgency.DETAILS: "everything",
}
"""What is still sent while there is room for the least urgent named, in words for a person."""
MORE_CALLS: Final = (
    "raise the connection's api_share, lower the use of other integrations, or buy calls; "
    "a limit per app lets the org count our calls apart"
)
"""The mend."""

_USAGE: Final = re.compile(r"(?:^|[;,\s])api-usage=(\d{1,12})/(\d{1,12})")
_OUR_APP: Final = re.compile(r"(?:^|[;,\s])per-app-api-usage=(\d{1,12})/(\d{1,12})")


@dataclass(slots=True)
class Budget:
    """One org's calls within the last 24 hours, as it last said, and those we have made since."""

    limit: int | None = None
    """The org's daily calls; unknown until the first answer."""
    used: int = 0
    """By everybody."""
    app_limit: int | None = None
    """What the org grants our app, where it limits it."""
    app_used: int = 0
    _called: float = 0.0
    _eased: float = -ASKS_AFTER
    """When a crowd of rows that were kept back last got a call."""
    _easing: Urgency | None = None
    """Where it is such a crowd's turn: the least urgent that go without that."""

    def count(self, now: float) -> None:
        """Count one call made at `now` (seconds of any steady clock)."""
        self.used += 1
        self.app_used += 1
        self._called = now

    def sent(self, least: Urgency, now: float) -> None:
        """Note that a batch leaves at `now`, and how urgent the least urgent of its rows is."""
        if self._easing is not None and least > self._easing:
            self._easing, self._eased = None, now

    def heard(self, headers: Mapping[str, str]) -> None:
        """Take in what an answer says of use and limits."""
        said = headers.get("sforce-limit-info", "")
        if found := _USAGE.search(said):
            self.used, self.limit = int(found[1]), int(found[2])
        if found := _OUR_APP.search(said):
            self.app_used, self.app_limit = int(found[1]), int(found[2])

    @property
    def counts(self) -> str:
        """Say whose calls are held against our share."""
        return "everybody" if self.app_limit is None else "this app"

    def spent(self) -> int:
        """Return the calls that are held against our share."""
        return self.used if self.app_limit is None else self.app_used

    def allowance(self, share: float) -> float:
        """Return how many calls a day our `share` is; infinite while the org states no limit."""
        ours = max(1.0, self.limit * share) if self.limit else float("inf")
        return min(ours, self.app_limit) if self.app_limit else ours

    def room(self, share: float) -> Urgency | None:
        """Return the least urgent rows that our `share` still has room for; None when it has for none."""
        part = self.spent() / self.allowance(share)
        least = next((urgency for below, urgency in RESERVES if part < below), None)
        if least is not None and self.limit and self.used >= self.limit * OTHERS:
            return Urgency.MONEY
        return least

    def admits(self, share: float, now: float, kept: int = 0) -> Urgency | None:
        """Return the least urgent rows that may go; None when none may.

        What the org said is believed for five minutes. Then one call may go whatever it said: it carries
        rows, payments if any wait, and its answer says how much the window has freed. Where our share has
        room for payments, a crowd of `kept` rows gets a call every five minutes, though payments go too: it
        is the crowd's turn until rows of it leave.
        """
        room, quiet = self.room(share), now - self._called
        if quiet >= ASKS_AFTER + PAYMENTS_FIRST:
            return Urgency.DETAILS
        if room in {None, Urgency.DETAILS}:
            self._easing = None
        elif kept >= CROWD and now - self._eased >= ASKS_AFTER:
            self._easing = room
        if room is not None and self._easing is not None:
            return Urgency.DETAILS
        return Urgency.MONEY if room is None and quiet >= ASKS_AFTER else room
