"""One Salesforce org as its lanes share it: client, shapes of its objects, its rest, its budget."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog

from app.salesforce.answers.meanings import SETUP, Meaning, mend_at
from app.salesforce.answers.refusals import Refusal
from app.salesforce.answers.results import Known
from app.salesforce.api.client import Client
from app.salesforce.calls.budget import GOES_ON, MORE_CALLS
from app.salesforce.calls.urgency import Shown, Urgency
from app.salesforce.care.carer import Carer
from app.salesforce.found import Finder
from app.salesforce.lanes.quiet import Quiet
from app.salesforce.lanes.rights import Rights
from app.salesforce.rows.row import NEVER, Row, Shelf
from app.salesforce.shape.describe import ISO_CODE, Shape, shape_of
from app.salesforce.shape.purse import Purse, purse_of
from streams.domain.command import BY_CLIENT, SObject
from streams.domain.identity import ConnectionName

log: Final = structlog.get_logger(__name__)

SHAPE_KEPT: Final = 3600.0
"""Seconds after which an object is described again, so that new fields are noticed."""

LACKING_KEPT: Final = 600.0
"""The same for an object that lacks a field which rows have: a person may be giving us access to it now."""

JUST: Final = 60.0
"""A look at an object no older than this many seconds is good enough to refuse a row by."""

LONGEST_NAP: Final = 5.0
"""A resting lane looks up this often, so that changed settings take effect."""


@dataclass(slots=True)
class Org:
    """What the lanes of one org have in common."""

    client: Client
    quiet: Quiet
    finders: Mapping[SObject, Finder]
    """What finds rows that are not ours to make, by object; see `finder`."""
    known: Known = field(default_factory=Known)
    shown: Shown = field(default_factory=Shown)
    carer: Carer = field(init=False)
    rights: Rights = field(init=False)
    _shapes: dict[str, tuple[float, Shape]] = field(default_factory=dict)
    _one_looks: asyncio.Lock = field(default_factory=asyncio.Lock)
    _lacked: dict[str, float] = field(default_factory=dict)
    """The fields that the org lacks, and when rows had each last."""
    _room: Urgency | None = Urgency.DETAILS

    def __post_init__(self) -> None:
        self.carer = Carer(self.client)
        self.rights = Rights(lambda sobject, since: self.shape(sobject, since=since))

    @property
    def name(self) -> ConnectionName:
        """The connection that joins us to it."""
        return self.client.connection

    @property
    def removed(self) -> bool:
        """Tell whether a person removed the connection: nothing is sent any more."""
        try:
            return self.client.settings[self.name].removed
        except KeyError:
            return False

    def finder(self, shelf: Shelf) -> Finder | None:
        """Return what finds the rows of a shelf; None for those that are upserted, as most Accounts are."""
        sobject, key_field = shelf
        return None if sobject is SObject.ACCOUNT and key_field != BY_CLIENT else self.finders.get(sobject)

    def written_on(self, shelf: Shelf) -> str:
        """Return the object whose fields the rows of a shelf are written to."""
        finder = self.finder(shelf)
        return (finder.written_on if finder else shelf[0]).value

    @property
    def holds_back(self) -> bool:
        """Tell whether a refused row holds back what follows of its client."""
        try:
            return self.client.settings[self.name].holds_back
        except KeyError:
            return False

    async def rested(self) -> None:
        """Wait until the org may be called: not paused, not resting; or is removed."""
        while not self.removed and (seconds := self._rest()) > 0:  # noqa: ASYNC110 - what we wait for is time itself
            await asyncio.sleep(min(seconds, LONGEST_NAP))

    def rests(self) -> bool:
        """Tell whether the org may not be called now."""
        return self._rest() > 0

    async def shape(self, sobject: str, *, since: float = NEVER) -> Shape:
        """Return what the org's `sobject` takes; asked by one lane, at first use and once an hour or so.

        What was known up to the moment `since` is asked anew.

        Raises:
            Misconfigured, Unreachable, RateLimited: as `Client.describe`.
        """
        async with self._one_looks:
            now = asyncio.get_running_loop().time()
            read_at, shape = self._shapes.get(sobject, (0.0, None))
            kept = LACKING_KEPT if self._lacks(sobject, now) else SHAPE_KEPT
            if shape is None or read_at <= max(now - kept, since):
                self.forget_shape(sobject)
                shape = shape_of(await self.client.describe(sobject))
                self._shapes[sobject] = now, shape
                for name in shape.slots:
                    self._lacked.pop(f"{sobject}.{name}", None)
            return shape

    def forget_shape(self, sobject: str) -> None:
        """Describe `sobject` anew before its next use: what we knew of it was refused."""
        self._shapes.pop(sobject, None)
        if sobject == SObject.OPPORTUNITY.value:
            self.carer.forget_stages()

    def rest(self, refusal: Refusal) -> None:
        """Leave the org alone for a while and say why."""
        seconds = self.quiet.after(refusal, asyncio.get_running_loop().time())
        if seconds is not None:
            log.warning(
                "salesforce-rests",
                connection=self.name,
                code=refusal.code,
                reason=refusal.reason,
                mend=refusal.at(self.name).mend,
                seconds=round(seconds, 1),
            )

    def heed(self, sobject: str, refusal: Refusal) -> None:
        """Draw from one row's refusal what holds for others too."""
        match refusal.meaning:
            case Meaning.SCHEMA:
                self.forget_shape(sobject)
            case Meaning.BUDGET | Meaning.CONFIGURATION:
                self.rest(refusal)
            case _:
                pass

    def well(self) -> None:
        """Note that the org took a request, and say so if it had not before.

        Not while it rests: then a row of that request, or another lane's request, says otherwise.
        """
        if not self.rests() and self.quiet.well():
            log.info("salesforce-goes-on", connection=self.name)

    def admits(self, kept: int = 0) -> Urgency | None:
        """Return the least urgent rows that may go, when so many are `kept` back; None when none may."""
        share = self._share()
        room = self.client.budget.room(share)
        if room is not self._room:
            self._room = room
            self._say_room(share)
        return self.client.budget.admits(share, asyncio.get_running_loop().time(), kept)

    def sends(self, rows: Sequence[Row]) -> None:
        """Note that a batch leaves."""
        least = max(row.urgency for row in rows)
        self.client.budget.sent(least, asyncio.get_running_loop().time())

    def say_missing(self, sobject: str, fields: frozenset[str]) -> None:
        """Say once per field that the org lacks it, and the mend; once more should it come back and go."""
        lacking = {f"{sobject}.{name}" for name in fields - OPTIONAL}
        news = lacking - self._lacked.keys()
        self._lacked |= dict.fromkeys(lacking, asyncio.get_running_loop().time())
        if news:
            mend = mend_at(self.name, SETUP)
            log.warning("salesforce-lacks-fields", connection=self.name, fields=sorted(news), mend=mend)

    def _lacks(self, sobject: str, now: float) -> bool:
        """Tell whether it lacks a field which rows had within the hour: the mapping may write it no more."""
        lately = (name for name, at in self._lacked.items() if now - at < SHAPE_KEPT)
        return any(name.startswith(f"{sobject}.") for name in lately)

    def _rest(self) -> float:
        try:
            settings = self.client.settings[self.name]
        except KeyError:
            return LONGEST_NAP
        if settings.paused:
            return LONGEST_NAP
        return self.quiet.until - asyncio.get_running_loop().time()

    def purse(self) -> Purse:
        """Return what the connection says of the org's money."""
        try:
            return purse_of(self.client.settings[self.name])
        except KeyError:
            return Purse()

    def _share(self) -> float:
        try:
            return self.client.settings[self.name].api_share
        except KeyError:
            return 0.0

    def _say_room(self, share: float) -> None:
        budget = self.client.budget
        told = {"connection": self.name, "used": budget.spent(), "of": budget.limit, "by": budget.counts}
        if self._room is Urgency.DETAILS:
            log.info("salesforce-share-free", **told, share=share)
            return
        event = "salesforce-share-used" if self._room is None else "salesforce-share-low"
        log.warning(event, **told, share=share, goes_on=GOES_ON[self._room], mend=MORE_CALLS)


OPTIONAL: Final = frozenset({ISO_CODE})
"""Fields whose absence is no fault: only multi-currency orgs have them."""
