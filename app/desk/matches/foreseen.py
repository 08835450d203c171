"""What a decision would bring about, by the command's own code: shown first; only what was shown is done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import orjson

from app.desk.desk import Desk
from app.desk.matches.at import sitting
from app.desk.replay.looking import moving
from app.desk.works import Work
from app.mapping.rehearsal import Difference
from app.mapping.shown import plain_difference
from app.match.decide import carry_out, plan_accept, plan_reject, plan_undo
from app.match.desk import Desk as MatchDesk
from app.match.differences import differences
from app.match.join import plan_join
from app.match.plan import Plan
from app.match.shown import plain_plan
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Refused
from streams.domain.identity import ClientId, SalesforceId, digest
from streams.domain.match import Match

ACTS: Final = frozenset({"accept", "reject", "undo", "join"})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would have decided of a client."""

    act: str
    client: ClientId
    other: str = ""
    """The Account to accept, or the client to join."""

    @classmethod
    def of(cls, form: Mapping[str, Any], client: ClientId) -> Self:
        """Return what a form wishes.

        Raises:
            Misconfigured: nothing that can be decided.
        """
        act, other = str(form.get("act", "")), str(form.get("other", "")).strip()
        if act not in ACTS:
            message = f"a client cannot be told to {act or 'do nothing'}"
            raise Misconfigured(message, "use the buttons of its page", "no-such-act")
        if act == "join" and not (other.isascii() and other.isdigit() and 0 < int(other) < 2**63):
            message = f"{other or 'nothing'} is no number of a client"
            raise Misconfigured(message, "give FreshBooks' id of the client to join", "no-client")
        return cls(act, client, other)

    async def plan(self, desk: MatchDesk) -> Plan:
        """Return what it brings about; only reads.

        Raises:
            CannotMatch: it cannot be.
        """
        match self.act:
            case "accept":
                return await plan_accept(desk, self.client, SalesforceId(self.other))
            case "reject":
                return await plan_reject(desk, self.client)
            case "join":
                return await plan_join(desk, self.client, ClientId(int(self.other)))
            case _:
                return await plan_undo(desk, self.client)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A decision as its plan tells of it."""

    wish: Wish
    plan: Plan
    rows: tuple[Difference, ...]
    """Of a joined client, the rows that would differ."""
    stood: tuple[str, ...]
    """What was said of the clients that it is about: a decision that is made meanwhile overrules a look."""
    wrote: str = ""
    """It was decided, and done: by this match, or by one before it."""

    @property
    def carried(self) -> bool:
        """Tell whether it was decided, and done."""
        return bool(self.wrote)

    def holds(self, match: Match | None) -> bool:
        """Tell whether `match`, which stands by now, is what it was made of, or made."""
        return said_by(match) == (self.wrote or self.stood[0])

    @property
    def seal(self) -> str:
        """What a form brings back: the same while the decision would do the same, and overrule the same."""
        said = [self.stood, plain_plan(self.plan), *map(plain_difference, self.rows)]
        return digest("foreseen", self.wish.act, orjson.dumps(said).decode())


async def look(desk: Desk, connection: Connection, wish: Wish, begun: Work[Foreseen]) -> Foreseen:
    """Find out what a decision would bring about; nothing is written."""
    begun.says = "Salesforce and the log are asked; nothing is written"
    here = sitting(desk, connection)
    stood = said_by(await here.standing(wish.client))
    plan = await wish.plan(here)
    other = said_by(None if plan.to is None else await here.standing(plan.to))
    now = desk.registry.clock()
    rows = await differences(desk.options, connection, plan, now, lambda _client: moving(begun))
    return Foreseen(wish, plan, tuple(rows), (stood, other))


def said_by(match: Match | None) -> str:
    """Return what a match is known by; empty where nothing was said."""
    return "" if match is None else match.id


async def decide(  # noqa: PLR0913, PLR0917 - who decides what, why, and what he saw of it
    desk: Desk, connection: Connection, seen: Foreseen, reason: str, actor: str, begun: Work[Foreseen]
) -> Foreseen:
    """Decide as it was shown.

    Raises:
        Refused: by now it would do something else.
        CannotMatch: something is in the way; the decision stands, repeat it after the mend.
    """
    found = await look(desk, connection, seen.wish, begun)
    if found.seal != seen.seal:
        message = "nothing was written: by now it would do something else than was shown"
        raise Refused(message, "look once more at what it would do", "match-moved")
    begun.says = "the decision is written down, then the org"
    written = await carry_out(sitting(desk, connection, actor), found.plan, reason)
    return replace(found, wrote=said_by(written) or found.stood[0])
