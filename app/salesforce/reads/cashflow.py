"""Money to expect by month, read from an org: open invoices by due date, pipeline by probability."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.reads.affordable import affordable
from app.salesforce.reads.expected import Cashflow, Expectation, Source, by_month
from app.salesforce.wire.wire import API
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured, Unreachable
from streams.ledger.payment_state import PaymentState
from streams.mapping.row import OPPORTUNITY_KEY

_DUE, _LEFT = "FreshBooks_Due_Date__c", "FreshBooks_Outstanding__c"
_CURRENCY, _STATE = "FreshBooks_Currency__c", "FreshBooks_Payment_Status__c"
_NEEDED: Final = (OPPORTUNITY_KEY, _DUE, _LEFT, _CURRENCY, _STATE, "Amount", "Probability")
_PERCENT: Final = Decimal(100)
_SURE: Final = Decimal(1)


class NotSetUp(Misconfigured):
    """The org lacks the fields that the report reads, or hides them."""

    code = "not-set-up"


async def cashflow(client: Client, connection: Connection, now: datetime, months: int) -> Cashflow:
    """Return what to expect, per month and currency; amounts of two currencies are never added.

    Raises:
        NotSetUp: fields are missing; the mend names the set-up.
        RateLimited: our share of the org's calls, or nearly all of them, are used up.
        Misconfigured, Unreachable: no log-in, no answer.
    """
    fields = await _fields(client, connection)
    try:
        found = [each async for each in _invoices(client, connection)]
        found += [each async for each in _pipeline(client, connection, fields)]
    except (ArithmeticError, LookupError, TypeError, ValueError):
        raise Unreachable(API, "a row of no known shape") from None
    return Cashflow(read_at=now, rows=by_month(found, now.date(), months))


async def _fields(client: Client, connection: Connection) -> frozenset[str]:
    try:
        described = await client.describe("Opportunity")
    except Misconfigured as error:
        if error.code != "NOT_FOUND":
            raise
        message = "the run-as user does not see Opportunities"
        raise NotSetUp(message, f"freshforce setup salesforce {connection.name}") from None
    names = frozenset(str(field.get("name")) for field in described["fields"])
    if missing := [name for name in _NEEDED if name not in names]:
        message = f"the org lacks or hides Opportunity fields: {', '.join(missing)}"
        raise NotSetUp(message, f"freshforce setup salesforce {connection.name}")
    return names


async def _invoices(client: Client, connection: Connection) -> AsyncIterator[Expectation]:
    """Yield what is left to pay of each open invoice of this connection's account."""
    prefix = soql.begins(f"{connection.freshbooks_account_id or ''}:")
    open_ = ", ".join(soql.text(state.value) for state in (PaymentState.OPEN, PaymentState.PARTIAL))
    mine = (
        f"{OPPORTUNITY_KEY} LIKE {prefix}"
        if connection.freshbooks_account_id
        else f"{OPPORTUNITY_KEY} != null"
    )
    where = f"{mine} AND {_LEFT} > 0 AND {_STATE} IN ({open_})"
    query = soql.select(f"{_LEFT}, {_DUE}, {_CURRENCY}, CloseDate", "Opportunity", where)
    async for page in affordable(client, connection, query):
        for row in page:
            yield _read(Source.INVOICE, row[_DUE] or row["CloseDate"], row[_CURRENCY], row[_LEFT])


async def _pipeline(
    client: Client, connection: Connection, fields: frozenset[str]
) -> AsyncIterator[Expectation]:
    """Yield the amount of each open Opportunity that is no open invoice, times its probability."""
    currency = "CurrencyIsoCode" if "CurrencyIsoCode" in fields else ""
    columns = ", ".join(("Amount", "Probability", "CloseDate", *filter(None, [currency])))
    ours = f"{OPPORTUNITY_KEY} = null OR {_STATE} = {soql.text(PaymentState.DRAFT.value)}"
    query = soql.select(columns, "Opportunity", f"IsClosed = false AND Amount > 0 AND ({ours})")
    async for page in affordable(client, connection, query):
        for row in page:
            chance = Decimal(row["Probability"] or 0) / _PERCENT
            yield _read(Source.PIPELINE, row["CloseDate"], row.get(currency), row["Amount"], chance)


def _read(source: Source, day: Any, currency: Any, amount: Any, chance: Decimal = _SURE) -> Expectation:
    """Return what one row promises; an exact answer has its number as int or Decimal."""
    return Expectation(source, date.fromisoformat(str(day)), str(currency or ""), Decimal(amount) * chance)
