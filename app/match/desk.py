"""Where a person sits who decides: one connection, its org, its matches, and a name to sign with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.registry import Registry
from app.salesforce.lanes.org import Org
from app.salesforce.matching.book import MatchBook
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.event import AGAIN, Event, EventSource
from streams.domain.identity import ClientId, EventId, ObjectKind, SalesforceId, digest
from streams.domain.match import Candidate, Match, MatchAuthor, MatchState
from streams.domain.matches import standing

DECIDED = "decided"


class CannotMatch(Misconfigured):
    """The decision cannot be carried out as things stand."""

    code = "cannot-match"


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a decision needs."""

    registry: Registry
    book: MatchBook
    connection: Connection
    org: Org
    actor: str

    def key(self, client: ClientId) -> str:
        """Return the external id that the client's Account carries.

        Raises:
            Misconfigured: the connection does not say yet which FreshBooks account it reads.
        """
        account = self.connection.freshbooks_account_id
        if account is None:
            message = f"connection {self.connection.name} names no FreshBooks account"
            raise Misconfigured(message, mend=f"freshforce connect freshbooks {self.connection.name}")
        return f"{account}:{client}"

    async def standing(self, client: ClientId) -> Match | None:
        """Return what holds of a client by now."""
        await self.book.caught_up()
        return standing(self.book.matches, self.connection.name, client)

    async def decide(
        self,
        client: ClientId,
        state: MatchState,
        account: SalesforceId | None,
        reason: str,
        to: ClientId | None = None,
    ) -> Match:
        """Write a decision down, with who and why; return it. It is later than all before it."""
        before, now = await self.standing(client), self.registry.clock()
        if before is not None:
            now = max(now, before.at + timedelta(microseconds=1))
        said = _decision(self, client, state, account, reason, now, before.candidates if before else (), to)
        await self.book.write(said)
        return said

    async def tell(self, match: Match, *, again: bool) -> None:
        """Have the client's rows go: those that wait, or `again` all of them, whatever was sent before."""
        event = Event(
            id=EventId(digest("event", "match", match.id)),
            connection=match.connection,
            object=ObjectKind.CLIENT,
            object_id=match.client,
            action=AGAIN if again else DECIDED,
            source=EventSource.MATCH,
            received_at=match.at,
            nonce=f"{int(match.at.timestamp()):010x}{match.id[:6]}" if again else "",
        )
        await self.registry.write(_entry(self.registry.speaker, match, event), event)


def _decision(  # noqa: PLR0913, PLR0917 - one decision, all its parts
    desk: Desk,
    client: ClientId,
    state: MatchState,
    account: SalesforceId | None,
    reason: str,
    now: datetime,
    candidates: Sequence[Candidate],
    to: ClientId | None,
) -> Match:
    name = desk.connection.name
    return Match(
        id=digest("decision", name, str(client), state.value, account or "", str(to or ""), now.isoformat()),
        connection=name,
        client=client,
        author=MatchAuthor.PERSON,
        actor=desk.actor,
        state=state,
        account=account,
        to=to,
        candidates=tuple(candidates),
        reason=reason or f"{desk.actor} says so",
        at=now,
    )


def _entry(speaker: Step, match: Match, event: Event) -> AuditEntry:
    return AuditEntry(
        id=audit_id(speaker, Verdict.MATCHED, match.id),
        connection=match.connection,
        client=match.client,
        step=speaker,
        verdict=Verdict.MATCHED,
        cause=match.id,
        caused=(event.id,),
        object=ObjectKind.CLIENT,
        object_id=match.client,
        rule=match.reason,
        details={"state": match.state.value, "account": match.account, "to": match.to, "actor": match.actor},
    )
