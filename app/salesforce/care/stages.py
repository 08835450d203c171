"""The stages that an org has, and which of them a sale gets."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, assert_never

from app.salesforce.api.client import Client
from streams.domain.command import Stage
from streams.domain.errors import Misconfigured, Refused

_QUERIES: Final = (
    "SELECT FIELDS(STANDARD) FROM OpportunityStage",
    "SELECT MasterLabel, IsWon, IsClosed FROM OpportunityStage",
)
"""Which fields an org's `OpportunityStage` has is not confirmed: all, else the least that serves."""


class NoSuchStage(Misconfigured):
    """The org has no active stage of the kind that a sale needs."""

    code = "no-such-stage"
    mend = "Setup → Object Manager → Opportunity → Fields → Stage: activate one"


class OrgStage(NamedTuple):
    """One active stage."""

    name: str
    """As rows hold it."""
    label: str
    closed: bool
    won: bool


class Resolved(NamedTuple):
    """The stage that a sale gets in this org."""

    name: str
    closed: bool
    note: str = ""
    """Why it is another one than the mapping names."""


@dataclass(frozen=True, slots=True)
class Stages:
    """All active stages of an org in their order; none where it does not say."""

    known: Sequence[OrgStage] = ()

    def named(self, name: str) -> OrgStage | None:
        """Return the stage of that name or label."""
        wanted = name.casefold()
        by_name = (it for it in self.known if it.name.casefold() == wanted)
        by_label = (it for it in self.known if it.label.casefold() == wanted)
        return next(by_name, None) or next(by_label, None)

    def resolved(self, wanted: Stage) -> Resolved:
        """Return the stage for a sale: what the mapping names, if the org has it as one of that kind.

        A stage that the mapping names for an open invoice may be a closed one: some call a deal won when
        the invoice goes out.

        Raises:
            NoSuchStage: the org has none that would do.
        """
        if not self.known:
            return Resolved(wanted.name, wanted.phase in {"won", "lost"})
        found = self.named(wanted.name)
        if found is not None and _fits(wanted, found):
            return Resolved(found.name, found.closed)
        instead = self._instead(wanted)
        if instead is None:
            message = f"the org has no active stage for {wanted.phase} sales"
            raise NoSuchStage(message)
        note = (
            f"StageName: {instead.name!r}, since {wanted.name!r} is no {_KIND[wanted.phase]} stage of the org"
        )
        return Resolved(instead.name, instead.closed, note)

    def _instead(self, wanted: Stage) -> OrgStage | None:
        """Return the first won or lost stage, or the last open one: an invoice comes late in a sale."""
        fitting = [it for it in self.known if _fits(wanted, it)]
        match wanted.phase:
            case "won" | "lost":
                return fitting[0] if fitting else None
            case "draft" | "invoiced":
                return next((it for it in reversed(fitting) if not it.closed), None)
            case never:
                assert_never(never)


_KIND: Final = {"won": "won", "lost": "lost", "draft": "active", "invoiced": "active"}


def _fits(wanted: Stage, stage: OrgStage) -> bool:
    match wanted.phase:
        case "won":
            return stage.won
        case "lost":
            return stage.closed and not stage.won
        case "draft" | "invoiced":
            return True
        case never:
            assert_never(never)


async def org_stages(client: Client) -> Stages:
    """Return the org's active stages; none where it does not let us read them.

    Raises:
        Unreachable, RateLimited: try again later.
    """
    for query in _QUERIES:
        with suppress(Misconfigured, Refused):
            return stages_of([row async for row in client.query(query)])
    return Stages()


def stages_of(rows: Iterable[Mapping[str, Any]]) -> Stages:
    """Return the stages that the rows of `OpportunityStage` are."""
    active = [row for row in rows if row.get("IsActive", True)]
    active.sort(key=lambda row: row.get("SortOrder") or 0)
    return Stages([stage for row in active if (stage := _stage(row)).name])


def _stage(row: Mapping[str, Any]) -> OrgStage:
    label = row.get("MasterLabel")
    name = row.get("ApiName") or label
    won = row.get("IsWon") is True
    return OrgStage(str(name or ""), str(label or name or ""), won or row.get("IsClosed") is True, won)
