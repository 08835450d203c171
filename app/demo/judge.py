"""The verdict: FreshBooks' own objects against Salesforce's own rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple

from app.demo.expected import DELETED, Files, Json, account, contact, counts, opportunity

KEYS: Final = {
    "Account": "FreshBooks_Client_Id__c",
    "Contact": "FreshBooks_Contact_Id__c",
    "Opportunity": "FreshBooks_Invoice_Id__c",
}
"""The external id of each kind of row."""


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
    contacts: Sequence[Json] = ()


class Expected(NamedTuple):
    """A row that FreshBooks gives reason for."""

    sobject: str
    number: int
    """FreshBooks' id of the client or invoice."""
    due: bool
    """Whether it must be there; if not, it may."""
    fields: Mapping[str, Any]
    client: int | None = None
    """Whose Account it must hang on."""


def judge(books: Books, org: Org) -> list[Difference]:
    """Return every difference; none means that all arrived and all is right."""
    rows = {"Account": org.accounts, "Contact": org.contacts, "Opportunity": org.opportunities}
    found = {sobject: _by(rows[sobject], key) for sobject, key in KEYS.items()}
    expected = list(_expected(books))
    return [
        *(each for sobject, key in KEYS.items() for each in _doubles(sobject, rows[sobject], key)),
        *(difference for each in expected for difference in _compared(books.account, each, found)),
        *_strangers(books.account, expected, found),
    ]


def _expected(books: Books) -> Iterator[Expected]:
    files, clients = Files.of(books.invoices, books.payments), {it["id"]: it for it in books.clients}
    for number, client in clients.items():
        due = client["vis_state"] != DELETED
        yield Expected("Account", number, due, account(client, files))
        if person := contact(client):
            yield Expected("Contact", number, due, person, number)
    for invoice in books.invoices:
        whose = invoice["customerid"]
        fields = opportunity(invoice, clients.get(whose), files)
        yield Expected("Opportunity", invoice["id"], counts(invoice), fields, whose)


def _compared(
    account_id: str, each: Expected, found: Mapping[str, Mapping[str, Json]]
) -> Iterator[Difference]:
    key = f"{account_id}:{each.number}"
    row = found[each.sobject].get(key)
    if row is None:
        if each.due:
            yield Difference(f"{each.sobject} {key}", "row", "a row", "nothing")
        return
    fields = dict(each.fields)
    if each.client is not None:
        fields["AccountId"] = found["Account"].get(f"{account_id}:{each.client}", {}).get("Id")
    yield from _differences(f"{each.sobject} {key}", fields, row)


def _strangers(
    account_id: str, expected: Iterable[Expected], found: Mapping[str, Mapping[str, Json]]
) -> Iterator[Difference]:
    """Yield the rows of ours for which FreshBooks gives no reason."""
    known = {(each.sobject, f"{account_id}:{each.number}") for each in expected}
    for sobject, rows in found.items():
        for key in rows:
            if (sobject, key) not in known:
                yield Difference(f"{sobject} {key}", "row", "no row", "a row")


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
