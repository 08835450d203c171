"""What a reconciliation will cost, before it begins."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.freshbooks.shelves import PER_PAGE
from app.poll.backfill import History, Shelf
from app.poll.backfill import forecast as lengths
from app.reconcile.held import COMPARED, PAGE
from app.reconcile.held_orders import CALLS
from streams.domain.command import SObject
from streams.domain.identity import ConnectionName, ObjectKind

_ROWS_OF: Final = {
    SObject.ACCOUNT: ObjectKind.CLIENT,
    SObject.CONTACT: ObjectKind.CLIENT,
    SObject.OPPORTUNITY: ObjectKind.INVOICE,
}


@dataclass(frozen=True, slots=True)
class Cost:
    """How much there is to be read."""

    lengths: Mapping[Shelf, int]

    @property
    def objects(self) -> int:
        """How many objects FreshBooks lists, at the most."""
        return sum(self.lengths.values())

    @property
    def pages(self) -> int:
        """How many reads of FreshBooks that takes: a hundred objects each."""
        return sum(max(1, -(-length // PER_PAGE)) for length in self.lengths.values())

    @property
    def calls(self) -> int:
        """How many calls Salesforce gets, about: two thousand rows each; people's stages are one more.

        Nobody knows how many Orders there are: few pages, as a rule one.
        """
        kinds = {kind: sum(n for it, n in self.lengths.items() if it.kind is kind) for kind in ObjectKind}
        return 1 + CALLS + sum(1 + max(1, -(-kinds[_ROWS_OF[sobject]] // PAGE)) for sobject in COMPARED)


async def cost(lists: History, connection: ConnectionName) -> Cost:
    """Ask FreshBooks how long its lists are: six calls.

    Raises:
        Permanent: FreshBooks refuses a list.
    """
    return Cost((await lengths(lists, connection, None)).lengths)
