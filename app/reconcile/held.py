"""What a Salesforce org holds under our external ids: two thousand rows a call, never one call per record."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from app.reconcile.held_orders import held_orders
from app.reconcile.money import Money, of_texts
from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.care.opportunity import COLUMNS
from app.salesforce.care.stages import Stages, org_stages
from app.salesforce.found.presence import UNSEEN
from app.salesforce.reads.affordable import affordable, refuse_dear
from app.salesforce.reads.cashflow import NotSetUp
from app.salesforce.shape.describe import AMOUNT, ISO_CODE, Shape, shape_of
from streams.domain.command import SObject
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError
from streams.domain.identity import ClientId
from streams.mapping.row import ACCOUNT_KEY, BY_OPPORTUNITY, LINE_KEY, OPPORTUNITY_KEY
from streams.mapping.sheet import KEYS
from streams.mapping.sheet import Mapping as Sheets
from streams.mapping.terms import Terms
from streams.mapping.value import Source

COMPARED: Final = (SObject.ACCOUNT, SObject.CONTACT, SObject.OPPORTUNITY)
"""Whose rows are ours from the first field on; Orders and Salesforce's Invoices are people's.

Of an Order what we write on it is compared, of an Invoice nothing.
"""
PAGE: Final = 2_000
"""Rows of a page of a query."""
SUMS: Final = {
    "FreshBooks_Outstanding__c": "sums.outstanding",
    "FreshBooks_Paid__c": "sums.paid",
    "FreshBooks_Overdue__c": "sums.overdue",
}
"""The fields that tell a client's money, and the fact that each must show for that."""
_NAMES: Final = {"Account": ACCOUNT_KEY}
"""Relationships that rows of ours are written by, and the field that names their parent."""

Place = tuple[SObject, str]
"""Object and external id."""


@dataclass(slots=True)
class Held:
    """The rows of one org that carry an external id of ours."""

    began: datetime
    """What was delivered since then is newer than what was read."""
    shapes: dict[SObject, Shape] = field(default_factory=dict)
    rows: dict[Place, Mapping[str, Any]] = field(default_factory=dict)
    stages: Stages = field(default_factory=Stages)
    theirs: dict[str, Decimal] = field(default_factory=dict)
    """What products of people's own are worth together, by the Opportunity of ours that they stand on."""
    orders: Mapping[str, Mapping[str, Any]] | None = None
    """By the Opportunity of ours that they belong to; None where nobody asked, or the org shows none."""
    tells_sums: bool = True
    """Whether Accounts show what clients owe: the mapping writes it as it is, and the org has the fields."""

    def money(self, terms: Terms, client: ClientId) -> Money | None:
        """Return what a client's Account shows; None where there is none, or Accounts do not tell."""
        row = self.rows.get((SObject.ACCOUNT, terms.external_id(client)))
        if row is None or not self.tells_sums:
            return None
        return of_texts(*(row.get(name) for name in SUMS))


async def held(
    client: Client,
    connection: Connection,
    sheets: Sheets,
    began: datetime,
    progress: Callable[[int], object],
) -> Held:
    """Read all rows of ours; `progress` hears how many there were so far.

    Raises:
        NotSetUp: the org has no such object or external id for us.
        RateLimited: our share of the org's calls is used up.
        Misconfigured, Unreachable: no log-in, no answer.
    """
    found, terms = Held(began), Terms.of(connection)
    refuse_dear(client, connection)
    found.stages = await org_stages(client)
    for sobject, fields in fields_of(sheets).items():
        shape = found.shapes[sobject] = await _shape(client, connection, sobject)
        key = KEYS[sobject]
        query = soql.select(
            ", ".join(columns(shape, sobject, fields)),
            sobject.value,
            f"{key} LIKE {soql.begins(f'{terms.account}:')}",
        )
        async for page in affordable(client, connection, query):
            ours = (row for row in page if str(row.get(key)).startswith(f"{terms.account}:"))
            found.rows.update(((sobject, str(row[key])), row) for row in ours)  # LIKE minds no case
            progress(len(found.rows))
    if sheets.lines:
        async for page in _theirs(client, connection, terms):
            for row in page:
                sale = str(row["Opportunity"][OPPORTUNITY_KEY])
                found.theirs[sale] = found.theirs.get(sale, Decimal(0)) + row["TotalPrice"]
    if sheets.order and sheets.order.sources:
        orders = await held_orders(client, connection, sheets.order)
        if orders is not None:
            found.shapes[SObject.ORDER], found.orders = orders
    found.tells_sums = tells_sums(sheets, found.shapes[SObject.ACCOUNT])
    return found


def fields_of(sheets: Sheets) -> dict[SObject, tuple[str, ...]]:
    """Return the fields that a mapping writes of each object that is compared, parents first."""
    found: dict[SObject, tuple[str, ...]] = {}
    for sheet in sheets.sheets:
        if sheet.sobject in COMPARED:
            found[sheet.sobject] = (*found.get(sheet.sobject, ()), *sheet.sources)
    if sheets.lines:
        found[SObject.OPPORTUNITY] = (*found.get(SObject.OPPORTUNITY, ()), AMOUNT)
    return found


def columns(shape: Shape, sobject: SObject, fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is asked of an object's rows: what we write, what decides whose a stage is, the sums."""
    plain = (KEYS[sobject], *fields, *COLUMNS.get(sobject, ()), *SUMS, ISO_CODE)
    named = (f"{it}.{_NAMES[it]}" for it in fields if it in _NAMES and it in shape.slots)
    return tuple(dict.fromkeys((*(it for it in plain if it in shape.columns), *named)))


def tells_sums(sheets: Sheets, account: Shape) -> bool:
    """Tell whether all Accounts show the sums: the mapping may leave them out, or write something else."""
    persons = (sheets.person_account,) if sheets.person_account else ()
    told = (sheet.sources.get(name) for sheet in (sheets.account, *persons) for name in SUMS)
    wanted = (*SUMS.values(),) * (1 + len(persons))
    return SUMS.keys() <= account.columns and all(map(_plainly, told, wanted))


def _plainly(source: Source | None, fact: str) -> bool:
    return source is not None and [(it.name, it.of) for it in source.facts] == [(fact, source.get)]


async def _theirs(
    client: Client, connection: Connection, terms: Terms
) -> AsyncIterator[list[Mapping[str, Any]]]:
    """Yield the products on Opportunities of ours that are not ours; none where the org shows us none."""
    whose = f"{LINE_KEY} = null AND {BY_OPPORTUNITY} LIKE {soql.begins(f'{terms.account}:')}"
    query = soql.select(f"TotalPrice, {BY_OPPORTUNITY}", SObject.LINES.value, whose)
    try:
        async for page in affordable(client, connection, query):
            yield page
    except FreshforceError as error:
        if error.code not in UNSEEN:
            raise


async def _shape(client: Client, connection: Connection, sobject: SObject) -> Shape:
    shape = shape_of(await client.describe(sobject.value))
    if KEYS[sobject] not in shape.columns:
        message = f"the org lacks or hides {sobject.value}.{KEYS[sobject]}"
        raise NotSetUp(message, f"freshforce setup salesforce {connection.name}")
    return shape
