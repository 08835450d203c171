"""The verdict: FreshBooks' own objects against Salesforce's own rows.

What Salesforce must show is said here a second time, from FreshBooks' raw JSON and in the plainest words,
sharing nothing with the product's mapping: so that a mistake there is seen here.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

Json = Mapping[str, Any]

DELETED: Final = 1
"""FreshBooks' `vis_state` of what was deleted."""
DRAFTS: Final = ("draft", "created")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it must be. `missing` rows are lost, everything else is wrong."""

    row: str
    field: str
    expected: str
    found: str

    @property
    def lost(self) -> bool:
        """Tell whether the whole row is missing."""
        return self.field == "row" and self.found == "nothing"


@dataclass(frozen=True, slots=True)
class Books:
    """All objects of one FreshBooks account, deleted ones too, as its API shows them."""

    account: str
    clients: Sequence[Json]
    invoices: Sequence[Json]
    payments: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Org:
    """The rows of one Salesforce org."""

    accounts: Sequence[Json]
    opportunities: Sequence[Json]


def judge(books: Books, org: Org) -> list[Difference]:
    """Return every difference; none means that all arrived and all is right."""
    accounts, opportunities = (
        _by(org.accounts, "FreshBooks_Client_Id__c"),
        _by(org.opportunities, "FreshBooks_Invoice_Id__c"),
    )
    return [
        *_doubles("Account", org.accounts, "FreshBooks_Client_Id__c"),
        *_doubles("Opportunity", org.opportunities, "FreshBooks_Invoice_Id__c"),
        *(d for client in books.clients for d in _client(books, client, accounts)),
        *(d for invoice in books.invoices for d in _invoice(books, invoice, accounts, opportunities)),
    ]


def _client(books: Books, client: Json, accounts: Mapping[str, Json]) -> Iterator[Difference]:
    key = f"{books.account}:{client['id']}"
    row = accounts.get(key)
    if row is None:
        if client["vis_state"] != DELETED:
            yield Difference(f"Account {key}", "row", "a row", "nothing")
        return
    counted = [i for i in books.invoices if i["customerid"] == client["id"] and _counts(i)]
    expected = {
        "Name": client_name(client),
        "FreshBooks_Outstanding__c": per_currency(counted, "outstanding"),
        "FreshBooks_Paid__c": per_currency(counted, "paid"),
    }
    yield from _differences(f"Account {key}", expected, row)


def _invoice(
    books: Books, invoice: Json, accounts: Mapping[str, Json], opportunities: Mapping[str, Json]
) -> Iterator[Difference]:
    key = f"{books.account}:{invoice['id']}"
    row = opportunities.get(key)
    due = _counts(invoice)
    if row is None:
        if due:
            yield Difference(f"Opportunity {key}", "row", "a row", "nothing")
        return
    account = accounts.get(f"{books.account}:{invoice['customerid']}", {})
    expected: dict[str, Any] = {"StageName": stage(invoice), "AccountId": account.get("Id")}
    if due:
        expected |= {
            "Amount": Decimal(invoice["amount"]["amount"]),
            "FreshBooks_Outstanding__c": Decimal(invoice["outstanding"]["amount"]),
            "FreshBooks_Invoice_Number__c": invoice["invoice_number"],
            "FreshBooks_Currency__c": invoice["amount"]["code"],
        }
    yield from _differences(f"Opportunity {key}", expected, row)


def _counts(invoice: Json) -> bool:
    """Tell whether somebody was asked to pay it and it still stands."""
    return invoice["vis_state"] != DELETED and invoice["v3_status"] not in DRAFTS


def client_name(client: Json) -> str:
    """Return what the Account of a client must be called."""
    person = f"{client['fname'] or ''} {client['lname'] or ''}".strip()
    return client["organization"] or person or client["email"] or f"FreshBooks client {client['id']}"


def stage(invoice: Json) -> str:
    """Return the sales stage that an invoice must have brought its Opportunity to."""
    if invoice["vis_state"] == DELETED:
        return "Closed Lost"
    return "Closed Won" if Decimal(invoice["outstanding"]["amount"]) <= 0 else "Negotiation/Review"


def per_currency(invoices: Iterable[Json], figure: str) -> dict[str, Decimal]:
    """Return the sum of a figure in each currency; currencies that come to nothing are left out."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for invoice in invoices:
        sums[invoice[figure]["code"]] += Decimal(invoice[figure]["amount"])
    return {currency: amount for currency, amount in sums.items() if amount}


def _spelled(text: str | None) -> dict[str, Decimal]:
    """Read an Account's "CAD 21.94; USD 800.00"."""
    parts = (part.split(" ") for part in (text or "").split("; ") if part)
    return {currency: amount for currency, number in parts if (amount := Decimal(number))}


def _differences(row: str, expected: Mapping[str, Any], found: Json) -> Iterator[Difference]:
    for field, value in expected.items():
        actual: Any = found.get(field)
        match value:
            case dict():
                actual = _spelled(actual)
            case Decimal():
                actual = None if actual is None else Decimal(str(actual))
        if actual != value:
            yield Difference(row, field, str(value), str(actual))


def _doubles(sobject: str, rows: Iterable[Json], key: str) -> Iterator[Difference]:
    for value, times in Counter(row.get(key) for row in rows if row.get(key)).items():
        if times > 1:
            yield Difference(f"{sobject} {value}", "row", "one row", f"{times} rows")


def _by(rows: Iterable[Json], key: str) -> dict[str, Json]:
    return {row[key]: row for row in rows if row.get(key)}
