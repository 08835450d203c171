"""Look at rows before they are written: which are there, and what some of their columns hold."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from app.salesforce.api import together
from app.salesforce.api.client import Client
from app.salesforce.api.soql import in_list, parts

MOST: Final = 2_000
"""Rows looked at in one call; with ids as long as ours are it takes the five queries of a call."""

Found = Mapping[str, Mapping[str, Any]]
"""What is there, by its key."""


async def look(  # noqa: PLR0913 - one question, all its parts
    client: Client,
    sobject: str,
    key: str,
    columns: Sequence[str],
    needed: Iterable[str],
    *,
    perhaps: Iterable[str] = (),
) -> tuple[frozenset[str], Found]:
    """Return which keys were looked at, in one call, and the rows that are there among them.

    All of the `needed` ones are, up to the room of one call; of those that `perhaps` are needed soon, as
    many as fit in besides.

    Raises:
        Refused, Misconfigured: the query is not for us.
        Unreachable, RateLimited: try again later.
    """
    wanted = list(islice(dict.fromkeys((*needed, *perhaps)), MOST))
    asked = f"SELECT {', '.join(dict.fromkeys((key, *columns)))} FROM {sobject} WHERE {key} IN"  # noqa: S608 - values are quoted
    lists = list(islice(parts(asked, wanted), together.MOST))
    rows = await together.together(client, [in_list(asked, each) for each in lists])
    looked_at = frozenset(each for part in lists for each in part)
    return looked_at, {str(row[key]): row for row in rows if row.get(key)}
