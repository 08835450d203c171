"""Accounts that are not their client's to make: the one that a joined client shares, the one that it left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from app.salesforce.client import Client
from app.salesforce.describe import Shape
from app.salesforce.fitting import fitted
from app.salesforce.looking import look
from app.salesforce.misfit import Misfit
from app.salesforce.refusals import of_misfit, of_reply
from app.salesforce.results import Outcome, updated
from app.salesforce.row import Row
from streams.domain.command import SObject
from streams.domain.identity import SalesforceId
from streams.mapping.row import ACCOUNT_KEY
from streams.ports import Absent, Applied

NONE: Final = Absent("no Account carries this client's number")


@dataclass(frozen=True, slots=True)
class Accounts:
    """One org's Accounts, found by the number that they carry. None is made."""

    client: Client
    written_on: SObject = SObject.ACCOUNT

    async def there(self, _by: str) -> bool:
        """Tell whether looking is worth a call: any org has Accounts."""
        return True

    def fields(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return which fields are written."""
        return frozenset(name for row in rows for name in row.fields)

    async def write(self, rows: Sequence[Row], shape: Shape) -> list[Outcome]:
        """Return what became of each row: found, or found and changed, or not there.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: nothing was written, or it is not known.
        """
        there: dict[str, Mapping[str, Any]] = {}
        wanted = [row.command.external_id for row in rows]
        while left := [it for it in wanted if it not in there]:
            looked_at, found = await look(self.client, SObject.ACCOUNT.value, ACCOUNT_KEY, ("Id",), left)
            there |= {key: found.get(key, {}) for key in looked_at}
        settled = [_settled(row, there[row.command.external_id], shape) for row in rows]
        changes = [it for it in settled if isinstance(it, _Change)]
        told = iter(await self._update(changes) if changes else ())
        return [next(told) if isinstance(it, _Change) else it for it in settled]

    async def _update(self, changes: Sequence["_Change"]) -> list[Outcome]:
        body = orjson.dumps({"allOrNone": False, "records": [change.record for change in changes]})
        reply = await self.client.update_many(body)
        if not reply.ok:
            return [of_reply(reply)] * len(changes)
        return updated(reply, [(change.id, change.notes) for change in changes])


@dataclass(frozen=True, slots=True)
class _Change:
    """An Account that is there, and what it is to hold."""

    id: SalesforceId
    record: Mapping[str, Any]
    notes: tuple[str, ...]


def _settled(row: Row, there: Mapping[str, Any], shape: Shape) -> Outcome | _Change:
    its_id = there.get("Id")
    if not isinstance(its_id, str):
        return NONE
    wanted = {name: value for name, value in row.fields.items() if name in shape.slots}
    if not wanted:
        return Applied(SalesforceId(its_id), created=False)
    record: dict[str, Any] = {"attributes": {"type": SObject.ACCOUNT.value}, "id": its_id}
    try:
        notes = fitted(wanted, shape, record, set())
    except Misfit as misfit:
        return of_misfit(misfit.code, misfit.field, misfit.takes)
    return _Change(SalesforceId(its_id), record, notes)
