"""Accounts that are not their client's to make: the one that a joined client shares, the one that it left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.salesforce.answers.results import Outcome
from app.salesforce.api.client import Client
from app.salesforce.found.writing import Change, change, written
from app.salesforce.reads.looking import look
from app.salesforce.rows.row import Row
from app.salesforce.shape.describe import Shape
from app.salesforce.shape.purse import Purse
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
    none: Absent = NONE

    async def there(self, _by: str, _demanded: float) -> bool:
        """Tell whether looking is worth a call: any org has Accounts."""
        return True

    def fields(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return which fields are written."""
        return frozenset(name for row in rows for name in row.fields)

    async def write(self, rows: Sequence[Row], shape: Shape, purse: Purse) -> list[Outcome]:
        """Return what became of each row: found, or found and changed, or not there.

        Raises:
            Refused, Misconfigured, Unreachable, RateLimited: nothing was written, or it is not known.
        """
        there: dict[str, Mapping[str, Any]] = {}
        wanted = [row.command.external_id for row in rows]
        while left := [it for it in wanted if it not in there]:
            looked_at, found = await look(self.client, SObject.ACCOUNT.value, ACCOUNT_KEY, ("Id",), left)
            there |= {key: found.get(key, {}) for key in looked_at}
        settled = [_settled(row, there[row.command.external_id], shape, purse) for row in rows]
        return await written(self.client, settled)

    def unseen(self, _by: str) -> Absent | None:
        """Return nothing: any org has Accounts, so their rows wait."""
        return None


def _settled(row: Row, there: Mapping[str, Any], shape: Shape, purse: Purse) -> Outcome | Change:
    its_id = there.get("Id")
    if not isinstance(its_id, str):
        return NONE
    wanted = {name: value for name, value in row.fields.items() if name in shape.slots}
    if not wanted:
        return Applied(SalesforceId(its_id), created=False)
    return change(SalesforceId(its_id), wanted, shape, purse)
