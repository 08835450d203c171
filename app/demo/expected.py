"""What Salesforce must show, said a second time: from FreshBooks' raw JSON and in the plainest words.

It shares nothing with the product's mapping, so that a mistake there is seen here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Self

Json = Mapping[str, Any]

DELETED: Final = 1
"""FreshBooks' `vis_state` of what was deleted."""
DRAFTS: Final = ("draft", "created")
ORG_CURRENCY: Final = "USD"
"""The one currency of the demo's org: an amount in another is not put into `Amount`."""
MOST_NAMED: Final = 100
"""Open invoices that an Account names; of more it says the number."""


@dataclass(frozen=True, slots=True)
class Files:
    """FreshBooks' objects by whose they are; deleted payments are left out."""

    invoices: Mapping[int, Sequence[Json]]
    """By client; those that somebody was asked to pay and that still stand."""
    payments: Mapping[int, Sequence[Json]]
    """By invoice."""

    @classmethod
    def of(cls, invoices: Iterable[Json], payments: Iterable[Json]) -> Self:
        """Sort the objects."""
        received = (payment for payment in payments if payment["vis_state"] != DELETED)
        return cls(_by(filter(counts, invoices), "customerid"), _by(received, "invoiceid"))


def counts(invoice: Json) -> bool:
    """Tell whether somebody was asked to pay it and it still stands."""
    return invoice["vis_state"] != DELETED and invoice["v3_status"] not in DRAFTS


def account(client: Json, files: Files) -> dict[str, Any]:
    """Return what the Account of a client must show."""
    its = files.invoices.get(client["id"], ())
    still_open = sorted((each for each in its if _amount(each, "outstanding") > 0), key=lambda it: it["id"])
    payments = [payment for invoice in its for payment in files.payments.get(invoice["id"], ())]
    days = _days(payments)
    late = _late(still_open, max(it["updated"] for it in (client, *its, *payments)))
    newest = max(its, key=lambda it: (it["create_date"], it["id"]), default=None)
    return {
        "Name": client_name(client),
        "Phone": client["bus_phone"] or client["mob_phone"] or client["home_phone"] or None,
        "FreshBooks_Email__c": client["email"] or None,
        "BillingCity": client["p_city"] or None,
        "BillingPostalCode": client["p_code"] or None,
        "BillingCountry": client["p_country"] or None,
        "FreshBooks_Outstanding__c": per_currency(its, "outstanding"),
        "FreshBooks_Overdue__c": per_currency(late, "outstanding"),
        "FreshBooks_Paid__c": per_currency(its, "paid"),
        "FreshBooks_Payment_Status__c": "overdue" if late else _status(its, still_open),
        "FreshBooks_Open_Invoices__c": _named(still_open),
        "FreshBooks_Last_Invoice__c": newest and newest["create_date"],
        "FreshBooks_Last_Invoice_Number__c": newest and newest["invoice_number"],
        "FreshBooks_Last_Payment__c": max(days, default=None),
    }


def contact(client: Json) -> dict[str, Any]:
    """Return what the Contact of a client must show; nothing when there is no person to it."""
    last = client["lname"] or client["fname"] or client["email"]
    if not last:
        return {}
    return {
        "LastName": last,
        "FirstName": (client["lname"] and client["fname"]) or None,
        "Email": client["email"] or None,
        "Phone": client["bus_phone"] or None,
    }


def opportunity(invoice: Json, client: Json | None, files: Files) -> dict[str, Any]:
    """Return what the Opportunity of an invoice must show.

    Of a deleted one that it is lost, and nothing owed; of a draft, which may be one again once its payment
    is gone, only its stage.
    """
    if invoice["vis_state"] == DELETED:
        return {"StageName": stage(invoice), "FreshBooks_Outstanding__c": Decimal(0)}
    if not counts(invoice):
        return {"StageName": stage(invoice)}
    days = _days(files.payments.get(invoice["id"], ()))
    paid_on = max(days, default=None) if stage(invoice) == "Closed Won" else None
    called = client_name(client) if client else invoice["organization"]
    return {
        "StageName": stage(invoice),
        "Name": f"Invoice {invoice['invoice_number']} - {called}",
        "CloseDate": paid_on or invoice["due_date"],
        "Amount": _amount(invoice, "amount") if invoice["amount"]["code"] == ORG_CURRENCY else None,
        "FreshBooks_Amount__c": _amount(invoice, "amount"),
        "FreshBooks_Outstanding__c": _amount(invoice, "outstanding"),
        "FreshBooks_Invoice_Number__c": invoice["invoice_number"],
        "FreshBooks_Currency__c": invoice["amount"]["code"],
        "FreshBooks_Due_Date__c": invoice["due_date"],
        "FreshBooks_Paid_Date__c": paid_on,
        "FreshBooks_Payment_Status__c": _status(
            [invoice], [] if stage(invoice) == "Closed Won" else [invoice]
        ),
    }


def client_name(client: Json) -> str:
    """Return what the Account of a client must be called."""
    person = f"{client['fname'] or ''} {client['lname'] or ''}".strip()
    return client["organization"] or person or client["email"] or f"FreshBooks client {client['id']}"


def stage(invoice: Json) -> str:
    """Return the sales stage that an invoice must have brought its Opportunity to."""
    if invoice["vis_state"] == DELETED:
        return "Closed Lost"
    return "Closed Won" if _amount(invoice, "outstanding") <= 0 else "Negotiation/Review"


def per_currency(invoices: Iterable[Json], figure: str) -> dict[str, Decimal]:
    """Return the sum of a figure in each currency; currencies that come to nothing are left out."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for invoice in invoices:
        sums[invoice[figure]["code"]] += _amount(invoice, figure)
    return {currency: amount for currency, amount in sums.items() if amount}


def _status(invoices: Sequence[Json], still_open: Sequence[Json]) -> str | None:
    if not invoices:
        return None
    if not still_open:
        return "paid"
    return "partial" if any(_amount(each, "paid") > 0 for each in invoices) else "unpaid"


def _late(still_open: Iterable[Json], last_change: str) -> list[Json]:
    """Return the invoices that were due before the (US/Eastern) day of the client's last change.

    That is the day on which FreshBooks was last asked: the demo tells of each change at once.
    """
    return [invoice for invoice in still_open if invoice["due_date"] < last_change[: len("2026-11-28")]]


def _named(still_open: Sequence[Json]) -> str | None:
    if len(still_open) > MOST_NAMED:
        return f"{len(still_open)} invoices"
    return ", ".join(each["invoice_number"] for each in still_open) or None


def _days(payments: Iterable[Json]) -> list[str]:
    """Return the days on which money came: a negative payment is a refund, and its day none of them."""
    return [payment["date"] for payment in payments if Decimal(payment["amount"]["amount"]) >= 0]


def _amount(invoice: Json, figure: str) -> Decimal:
    return Decimal(invoice[figure]["amount"])


def _by(things: Iterable[Json], key: str) -> dict[int, list[Json]]:
    found: defaultdict[int, list[Json]] = defaultdict(list)
    for thing in things:
        found[thing[key]].append(thing)
    return dict(found)
