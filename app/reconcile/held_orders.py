"""The Orders that people made for Opportunities of ours, two thousand a call."""

from collections.abc import Mapping
from typing import Any, Final

from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.found.presence import UNSEEN
from app.salesforce.reads.affordable import affordable
from app.salesforce.shape.describe import ISO_CODE, Shape, shape_of
from streams.domain.command import SObject
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError
from streams.mapping.row import BY_OPPORTUNITY, OPPORTUNITY_KEY
from streams.mapping.sheet import Sheet
from streams.mapping.terms import Terms

Record = Mapping[str, Any]
CALLS: Final = 2
"""Describe and one page, as few as it takes."""


async def held_orders(
    client: Client, connection: Connection, sheet: Sheet
) -> tuple[Shape, dict[str, Record]] | None:
    """Return the Orders by the external id of their Opportunity; None where the org has none, or hides them.

    Of several of one Opportunity it is the first made, as when an amount is written.

    Raises:
        RateLimited: our share of the org's calls is used up.
        Misconfigured, Unreachable: no log-in, no answer.
    """
    begins, found = f"{Terms.of(connection).account}:", dict[str, Record]()
    try:
        shape = shape_of(await client.describe(SObject.ORDER.value))
        wanted = (name for name in (*sheet.sources, ISO_CODE) if name in shape.columns)
        asked = ", ".join(dict.fromkeys(("Id", "CreatedDate", *wanted, BY_OPPORTUNITY)))
        query = soql.select(asked, SObject.ORDER.value, f"{BY_OPPORTUNITY} LIKE {soql.begins(begins)}")
        async for page in affordable(client, connection, query):
            for record in page:
                _enter(found, record, begins)
    except FreshforceError as error:
        if error.code not in UNSEEN:
            raise
        return None
    return shape, found


def _enter(found: dict[str, Record], record: Record, begins: str) -> None:
    sale = str(record["Opportunity"][OPPORTUNITY_KEY])
    if sale.startswith(begins):  # LIKE minds no case
        found[sale] = min(found.get(sale, record), record, key=_made)


def _made(record: Record) -> tuple[str, str]:
    return str(record["CreatedDate"]), str(record["Id"])
