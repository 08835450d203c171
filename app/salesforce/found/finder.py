"""What finds rows that are not ours to make, and writes what they or their Opportunities are to hold."""

from collections.abc import Sequence
from typing import Final, Protocol

from app.salesforce.answers.results import Outcome
from app.salesforce.rows.row import Row
from app.salesforce.shape.describe import Shape
from app.salesforce.shape.purse import Purse
from streams.domain.command import SObject
from streams.ports import Absent

NO_FIELD: Final = Absent(
    "the org has no field to write it into, or hides that from our user: see `freshforce ping`"
)


class Finder(Protocol):
    """One kind of such rows in one org."""

    @property
    def written_on(self) -> SObject:
        """The object whose fields are written."""
        ...

    @property
    def none(self) -> Absent:
        """What becomes of all rows where looking is worth no call."""
        ...

    async def there(self, by: str, demanded: float) -> bool:
        """Tell whether looking for rows `by` this key is worth a call; `demanded` is when one was last."""
        ...

    def fields(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return which fields are written."""
        ...

    async def write(self, rows: Sequence[Row], shape: Shape, purse: Purse) -> list[Outcome]:
        """Return what became of each row; one field at least is in `shape`.

        Raises:
            Refused, Misconfigured: nothing was written; with a code of `UNSEEN`, see `unseen`.
            Unreachable, RateLimited: nothing was written, or it is not known.
        """
        ...

    def unseen(self, by: str) -> Absent | None:
        """Return what becomes of rows that the org hides or has not; None where a person must mend that."""
        ...
