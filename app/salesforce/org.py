"""One Salesforce org as its lanes share it: client, shapes of its objects, its rest, its budget."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import structlog

from app.salesforce.client import Client
from app.salesforce.describe import Shape, shape_of
from app.salesforce.meanings import SETUP
from app.salesforce.quiet import Quiet
from app.salesforce.refusals import Refusal
from app.salesforce.results import Known
from streams.domain.identity import ConnectionName

log: Final = structlog.get_logger(__name__)

SHAPE_KEPT: Final = 3600.0
"""Seconds after which an object is described again, so that new fields are noticed."""

LONGEST_NAP: Final = 5.0
"""A resting lane looks up this often, so that changed settings take effect."""


@dataclass(slots=True)
class Org:
    """What the lanes of one org have in common."""

    client: Client
    quiet: Quiet
    known: Known = field(default_factory=Known)
    _shapes: dict[str, tuple[float, Shape]] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)

    @property
    def name(self) -> ConnectionName:
        """The connection that joins us to it."""
        return self.client.connection

    async def rested(self) -> None:
        """Wait until the org may be called: not paused, not resting, within our share of its calls."""
        while (seconds := self._rest()) > 0:  # noqa: ASYNC110 - what we wait for is time itself
            await asyncio.sleep(min(seconds, LONGEST_NAP))

    async def shape(self, sobject: str) -> Shape:
        """Return what the org's `sobject` takes; asked at first use and once an hour.

        Raises:
            Misconfigured, Unreachable, RateLimited: as `Client.describe`.
        """
        now = asyncio.get_running_loop().time()
        read_at, shape = self._shapes.get(sobject, (0.0, None))
        if shape is None or now - read_at > SHAPE_KEPT:
            shape = shape_of(await self.client.describe(sobject))
            self._shapes[sobject] = now, shape
        return shape

    def forget_shape(self, sobject: str) -> None:
        """Describe `sobject` anew before its next use: what we knew of it was refused."""
        self._shapes.pop(sobject, None)

    def rest(self, refusal: Refusal) -> None:
        """Leave the org alone for a while and say why."""
        seconds = self.quiet.after(refusal, asyncio.get_running_loop().time())
        if seconds is not None:
            log.warning(
                "salesforce-rests",
                connection=self.name,
                code=refusal.code,
                reason=refusal.reason,
                mend=refusal.mend,
                seconds=round(seconds, 1),
            )

    def say_missing(self, sobject: str, fields: frozenset[str]) -> None:
        """Say once per field that the org lacks it, and the mend."""
        news = {f"{sobject}.{name}" for name in fields - OPTIONAL} - self._said
        if news:
            self._said |= news
            log.warning("salesforce-lacks-fields", connection=self.name, fields=sorted(news), mend=SETUP)

    def _rest(self) -> float:
        now = asyncio.get_running_loop().time()
        try:
            settings = self.client.settings[self.name]
        except KeyError:
            return LONGEST_NAP
        if settings.paused:
            return LONGEST_NAP
        return max(self.quiet.until - now, self._over_budget(settings.api_share, now))

    def _over_budget(self, share: float, now: float) -> float:
        seconds = self.client.budget.rest(share, now)
        if seconds and "budget" not in self._said:
            log.warning("salesforce-share-used", connection=self.name, share=share, seconds=round(seconds))
            self._said.add("budget")
        elif not seconds:
            self._said.discard("budget")
        return seconds


OPTIONAL: Final = frozenset({"CurrencyIsoCode"})
"""Fields whose absence is no fault: only multi-currency orgs have them."""
