"""Writing on rows that were found: by their Ids, in one call, and only on those that are to change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson

from app.salesforce.answers.refusals import Refusal, of_misfit, of_reply
from app.salesforce.answers.results import Outcome, updated
from app.salesforce.api.client import Client
from app.salesforce.shape.describe import Shape
from app.salesforce.shape.fitting import fitted
from app.salesforce.shape.misfit import Misfit
from app.salesforce.shape.purse import Purse
from streams.domain.command import Field
from streams.domain.identity import SalesforceId

It = TypeVar("It")

MOST: Final = 200
"""Records of one call."""


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is there, and what it is to hold."""

    id: SalesforceId
    record: Mapping[str, Any]
    notes: tuple[str, ...]


def parts(records: Sequence[It]) -> Iterator[Sequence[It]]:
    """Yield `records` by as many as a call takes."""
    return (records[at : at + MOST] for at in range(0, len(records), MOST))


async def deleted(client: Client, ids: Sequence[SalesforceId]) -> Sequence[Outcome]:
    """Delete what one call takes, and return what became of each."""
    reply = await client.ask("delete", "DELETE", f"/composite/sobjects?ids={','.join(ids)}&allOrNone=false")
    return updated(reply, [(each, ()) for each in ids]) if reply.ok else [of_reply(reply)] * len(ids)


def change(
    its_id: SalesforceId, wanted: Mapping[str, Field], shape: Shape, purse: Purse, notes: tuple[str, ...] = ()
) -> Change | Refusal:
    """Return what makes the row hold `wanted` as the org takes it; a refusal where it has no room."""
    record: dict[str, Any] = {"attributes": {"type": shape.sobject}, "id": its_id}
    try:
        return Change(its_id, record, notes + fitted(wanted, shape, record, set(), purse))
    except Misfit as misfit:
        return of_misfit(misfit.code, misfit.field, misfit.takes)


async def written(client: Client, settled: Sequence[Outcome | Change]) -> list[Outcome]:
    """Return `settled` with the org's answer in the place of each change.

    Raises:
        Unreachable, RateLimited, Misconfigured: nothing was written, or it is not known.
    """
    changes = [it for it in settled if isinstance(it, Change)]
    told = iter(await _update(client, changes) if changes else ())
    return [next(told) if isinstance(it, Change) else it for it in settled]


async def _update(client: Client, changes: Sequence[Change]) -> list[Outcome]:
    records = [each.record for each in changes]
    reply = await client.update_many(orjson.dumps({"allOrNone": False, "records": records}))
    if not reply.ok:
        return [of_reply(reply)] * len(changes)
    return updated(reply, [(each.id, each.notes) for each in changes])
