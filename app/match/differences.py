"""Which rows would differ if a client came to share an Account, or did no longer: derived from the log."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.kafka.log import Progress
from app.mapping.rehearsal import Difference, compared
from app.match.plan import Plan
from app.replay.state import Past, as_of
from streams.domain.connection import Connection
from streams.domain.identity import ClientId
from streams.domain.joined import Share
from streams.ledger.joining import enter, share_of, share_version

_NEWEST = 10**19
"""A revision above all others."""


async def differences(
    options: Mapping[str, Any],
    connection: Connection,
    plan: Plan,
    now: datetime,
    moving: Callable[[ClientId], Progress],
) -> Sequence[Difference]:
    """Return the rows of all clients concerned that would differ; none for other plans."""
    if not plan.of_joined or plan.done:
        return ()
    known = dict[ClientId, Past]()
    for client in filter(None, (plan.client, plan.to, plan.leaves)):
        known[client] = past = Past(connection, client)
        await as_of(options, past, (now,), moving(client))
    return [*differing(known, plan.client, plan.to)]


def differing(known: Mapping[ClientId, Past], client: ClientId, to: ClientId | None) -> Iterator[Difference]:
    """Yield each row that differs once `client` shares the Account of `to`, or nobody's; the log stays."""
    before = {key: row for past in known.values() for key, row in past.rows().items()}
    books = known[client].books()
    books.client.home = to or 0
    after = {**known[client].rows(books)}
    for other in known.keys() - {client}:
        shared = known[other].books()
        share = share_of(books.head) if other == to else Share(ended=True)
        enter(shared, client, share_version(_NEWEST), share)
        after |= known[other].rows(shared)
    yield from compared(before, after)
