"""Whether the view has heard of a connection: a misspelt name must not look like one where all is well."""

from sqlalchemy import select

from app.view.store import Store
from app.view.tables import ENTRIES
from streams.domain.errors import Misconfigured


class NotHeardOf(Misconfigured):
    """The audit tells nothing of a connection of that name."""

    code = "not-heard-of"
    mend = "see `freshforce connections list`; of a new one the view tells seconds later"


async def refuse_unheard(store: Store, connection: str) -> None:
    """Raise when the view tells of other connections, and nothing of this one.

    Raises:
        NotHeardOf: so it is; a view that holds nothing at all yet refuses nobody.
    """
    async with store.reading() as database:
        first = select(ENTRIES.c.id).limit(1)
        known = (await database.execute(first.where(ENTRIES.c.connection == connection))).first()
    if known is None and await store.positions():
        message = f"nothing is known of a connection {connection}"
        raise NotHeardOf(message)
