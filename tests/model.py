"""What Salesforce must hold in the end, worked out the slow and simple way; shares no rule with the product.

Written from the design's table ("What goes where in Salesforce") for the default settings of a connection.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Context, Decimal

from streams.domain.snapshot import Client, Invoice, Payment, Visibility

Row = dict[str, object]
Rows = dict[tuple[str, str], Row]
"""By object and external id; text, Decimal, None, and the external id of an Account."""

ACCOUNT = "p7rQW5"
ONE_MORNING: Mapping[int, str] = defaultdict(lambda: "2026-11-02")
"""When every client was read last, in the tests that take no longer."""
NOBODY: Mapping[int, int] = {}
WIDE = Context(prec=200)
LIVE = {Visibility.ACTIVE, Visibility.ARCHIVED}
VOID = {"void", "voided"}
"""States of an invoice that nobody owes any more."""


def expected(
    objects: Iterable[Client | Invoice | Payment],
    read_on: Mapping[int, str],
    *,
    any_payment: bool = False,
    homes: Mapping[int, int] = NOBODY,
) -> Rows:
    """Return the rows for the objects as FreshBooks has them now, with deleted ones among them.

    `read_on` tells the last day on which anything of a client was read, as FreshBooks' clocks show it.
    `homes` tells of each client that shares another one's Account whose that is.
    """
    known = list(objects)
    clients = {int(it.id): it for it in known if isinstance(it, Client)}
    invoices = [it for it in known if isinstance(it, Invoice)]
    payments = [it for it in known if isinstance(it, Payment) and received(it)]
    rows: Rows = {}
    for client in clients.values():
        its = [it for it in invoices if homes.get(it.client, int(it.client)) == int(client.id)]
        if int(client.id) not in homes:
            rows["Account", f"{ACCOUNT}:{client.id}"] = account(client, its, payments, read_on)
        if client.last_name or client.first_name or client.email:
            rows["Contact", f"{ACCOUNT}:{client.id}"] = contact(client, homes)
    for invoice in invoices:
        if invoice.status != "draft":
            rows["Opportunity", f"{ACCOUNT}:{invoice.id}"] = opportunity(
                invoice, clients, payments, any_payment=any_payment, homes=homes
            )
    return rows


def in_org(rows: Rows, own: str | None) -> Rows:
    """Return the rows as an org holds them whose one currency is `own`; None: it has several.

    An amount in another currency is no `Amount` of the one, and carries its code in the other.
    """
    held = {}
    for name, row in rows.items():
        held[name] = row
        if "Amount" in row and own is None:
            held[name] = {**row, "CurrencyIsoCode": row["FreshBooks_Currency__c"]}
        elif "Amount" in row and row["FreshBooks_Currency__c"] != own:
            held[name] = {**row, "Amount": None}
    return held


def account(
    client: Client, invoices: list[Invoice], payments: list[Payment], today: Mapping[int, str]
) -> Row:
    counting = [it for it in invoices if not is_gone(it) and it.status != "draft"]
    still_open = sorted((it for it in counting if it.outstanding.amount > 0), key=lambda it: it.id)
    late = [it for it in still_open if it.due_on and str(it.due_on) < today[it.client]]
    newest = max(counting, key=lambda it: (it.created_on, it.id), default=None)
    days = [day for it in counting if (day := last_day(it, payments))]
    status = None
    if counting:
        some_money = any(it.paid.amount > 0 for it in counting)
        status = "partial" if some_money else "unpaid"
        status = "overdue" if late else status if still_open else "paid"
    return {
        "Name": name_of(client) or f"FreshBooks client {client.id}",
        "Phone": client.business_phone or client.mobile_phone or client.home_phone or None,
        "Fax": client.fax or None,
        "FreshBooks_Email__c": client.email or None,
        **address("Billing", client),
        **address("Shipping", client),
        "FreshBooks_Payment_Status__c": status,
        "FreshBooks_Outstanding__c": totals(
            (it.outstanding.currency, it.outstanding.amount) for it in counting
        ),
        "FreshBooks_Overdue__c": totals((it.outstanding.currency, it.outstanding.amount) for it in late),
        "FreshBooks_Paid__c": totals((it.paid.currency, it.paid.amount) for it in counting),
        "FreshBooks_Open_Invoices__c": numbers(still_open),
        "FreshBooks_Last_Invoice__c": str(newest.created_on) if newest else None,
        "FreshBooks_Last_Invoice_Number__c": newest.number if newest else None,
        "FreshBooks_Last_Payment__c": max(days, default=None),
    }


def numbers(invoices: list[Invoice]) -> str | None:
    if len(invoices) > 100:
        return f"{len(invoices)} invoices"
    return ", ".join(it.number for it in invoices) or None


def address(which: str, client: Client) -> Row:
    it = client.billing if which == "Billing" else client.shipping
    street = f"{it.street}\n{it.street2}".strip("\n")
    return {
        f"{which}Street": street or None,
        f"{which}City": it.city or None,
        f"{which}State": it.province or None,
        f"{which}PostalCode": it.postal_code or None,
        f"{which}Country": it.country or None,
    }


def contact(client: Client, homes: Mapping[int, int]) -> Row:
    return {
        "LastName": client.last_name or client.first_name or client.email,
        "FirstName": client.first_name if client.last_name and client.first_name else None,
        "Email": client.email or None,
        "Phone": client.business_phone or None,
        "MobilePhone": client.mobile_phone or None,
        "HomePhone": client.home_phone or None,
        "Account": f"{ACCOUNT}:{homes.get(client.id, client.id)}",
    }


def opportunity(
    invoice: Invoice,
    clients: Mapping[int, Client],
    payments: list[Payment],
    *,
    any_payment: bool,
    homes: Mapping[int, int] = NOBODY,
) -> Row:
    client = clients.get(invoice.client)
    called = (name_of(client) or f"FreshBooks client {client.id}") if client else invoice.organization
    gone = is_gone(invoice)
    settled = not gone and invoice.outstanding.amount <= 0
    partial = not gone and not settled and invoice.paid.amount > 0
    won = settled or (partial and any_payment)
    due = str(invoice.due_on or invoice.created_on)
    days = days_of(invoice, payments) or ([str(invoice.paid_on)] if invoice.paid_on else [])
    closed = (min(days, default=due) if any_payment else max(days, default=due)) if won else due
    return {
        "Name": f"Invoice {invoice.number} - {called}" if called else f"Invoice {invoice.number}",
        "Amount": invoice.amount.amount,
        "FreshBooks_Amount__c": invoice.amount.amount,
        "CloseDate": closed,
        "StageName": "Closed Lost" if gone else "Closed Won" if won else "Negotiation/Review",
        "FreshBooks_Invoice_Number__c": invoice.number,
        "FreshBooks_Due_Date__c": str(invoice.due_on) if invoice.due_on else None,
        "FreshBooks_Outstanding__c": Decimal(0) if gone else invoice.outstanding.amount,
        "FreshBooks_Payment_Status__c": (
            "deleted" if gone else "paid" if settled else "partial" if partial else "unpaid"
        ),
        "FreshBooks_Currency__c": invoice.amount.currency,
        "FreshBooks_Paid_Date__c": max(days, default=None) if settled else None,
        "Account": f"{ACCOUNT}:{homes.get(invoice.client, invoice.client)}",
    }


def order(invoice: Invoice) -> Row:
    """Return what the Order of an invoice's Opportunity shows, once a person has made one."""
    gone = is_gone(invoice)
    return {
        "FreshBooks_Invoice_Amount__c": None if gone else invoice.amount.amount,
        "FreshBooks_Currency__c": invoice.amount.currency,
    }


def is_gone(invoice: Invoice) -> bool:
    return invoice.visibility not in LIVE or invoice.status in VOID


def received(payment: Payment) -> bool:
    """Tell whether money came: a negative payment is a refund, and its day none of a payment."""
    return payment.visibility in LIVE and payment.amount.amount >= 0


def name_of(client: Client) -> str:
    person = " ".join(part for part in (client.first_name, client.last_name) if part)
    return client.organization or person or client.email


def days_of(invoice: Invoice, payments: list[Payment]) -> list[str]:
    return [str(it.paid_on) for it in payments if it.invoice == invoice.id]


def last_day(invoice: Invoice, payments: list[Payment]) -> str:
    if days := days_of(invoice, payments):
        return max(days)
    return str(invoice.paid_on) if invoice.paid_on and invoice.paid.amount > 0 else ""


def totals(amounts: Iterable[tuple[str, Decimal]]) -> str | None:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for currency, amount in amounts:
        sums[currency] = WIDE.add(sums[currency], amount)
    return (
        "; ".join(f"{currency} {written(sums[currency])}" for currency in sorted(sums) if sums[currency])
        or None
    )


def written(amount: Decimal) -> str:
    """Write an amount with all its digits, cents at least."""
    text = f"{WIDE.add(amount, Decimal('0.00')):f}"
    while text.endswith("0") and len(text.partition(".")[2]) > 2:
        text = text[:-1]
    return text
