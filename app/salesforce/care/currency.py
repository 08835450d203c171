"""An Opportunity's new currency: Salesforce refuses it while products stand on it.

So our lines go first, then the currency is written, and the command for the lines, which follows, makes them
anew at its prices. Whoever dies between goes on from the same commands, and finds fewer lines to delete.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import Refusal
from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.found.presence import UNSEEN
from app.salesforce.found.standing import row_id
from app.salesforce.found.writing import deleted, parts
from app.salesforce.rows.row import Row
from app.salesforce.shape.describe import ISO_CODE
from streams.domain.command import Figure, SObject
from streams.domain.errors import FreshforceError
from streams.domain.identity import SalesforceId
from streams.mapping.reading import read
from streams.mapping.row import BY_OPPORTUNITY, LINE_KEY, OPPORTUNITY_KEY

REFUSED: Final = "FIELD_INTEGRITY_EXCEPTION"
"""What Salesforce says of it."""
MEND: Final = "delete the Opportunity's products in Salesforce, which hold its currency"
_AGAIN: Final = frozenset({Meaning.TRANSIENT, Meaning.BUDGET, Meaning.CONFIGURATION, Meaning.SESSION})
"""After these it is tried again; after any other refusal the currency is refused again, and that is told."""


def held_by_lines(row: Row, refusal: Refusal) -> bool:
    """Tell whether an Opportunity was refused for its currency."""
    sale = row.command.sobject is SObject.OPPORTUNITY
    return sale and refusal.code == REFUSED and ISO_CODE in refusal.fields


async def make_way(client: Client, rows: Sequence[Row]) -> None:
    """Delete our lines of those `rows` that were refused for their currency.

    Only where the mapping asks for lines, or none would come again. Where people's lines stand beside ours
    nothing is touched: theirs hold the currency as well.

    Raises:
        Misconfigured, Refused, Unreachable, RateLimited: it is not known what stands there now.
    """
    held = {row.command.external_id: _currency(row) for row in rows if _was_held(row)}
    if held and _asks_for_lines(client):
        going = await _ours(client, held)
        for part in parts(going):
            await _delete(client, part)


def _was_held(row: Row) -> bool:
    return row.command.sobject is SObject.OPPORTUNITY and row.worn is None and REFUSED in row.retried


def _asks_for_lines(client: Client) -> bool:
    try:
        return read(client.settings[client.connection].mapping).lines
    except KeyError:  # the connection was removed: its last rows are on their way
        return False


def _currency(row: Row) -> str:
    """Return the currency that an Opportunity is to have."""
    figures = (it for it in row.fields.values() if isinstance(it, Figure) and it.currency)
    return next((it.currency or "" for it in figures), "")


async def _ours(client: Client, wanted: Mapping[str, str]) -> list[SalesforceId]:
    """Return all lines of the Opportunities in another currency than is wanted, on which only ours stand."""
    of_sale = f"Opportunity.{ISO_CODE}"
    begin = soql.select(
        f"Id, {LINE_KEY}, {BY_OPPORTUNITY}, {of_sale}", "OpportunityLineItem", f"{BY_OPPORTUNITY} IN"
    )
    lines: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    try:
        async for line in client.query_in(begin, wanted):
            sale = line.get("Opportunity") or {}
            external_id = str(sale.get(OPPORTUNITY_KEY))
            if sale.get(ISO_CODE) != wanted.get(external_id):
                lines[external_id].append(line)
    except FreshforceError as error:
        if error.code not in UNSEEN:
            raise
        return []
    alone = (its for its in lines.values() if all(line.get(LINE_KEY) for line in its))
    return [row_id(line) for its in alone for line in its]


async def _delete(client: Client, lines: Sequence[SalesforceId]) -> None:
    for outcome in await deleted(client, lines):
        if isinstance(outcome, Refusal) and outcome.meaning in _AGAIN:
            raise outcome.error()
