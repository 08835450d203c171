"""Payments: what is written, what is shown."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from app.sandbox.freshbooks.amounts import ZERO, amount_of
from app.sandbox.freshbooks.amounts import money as shown_money
from app.sandbox.freshbooks.bodies import Body, day, merged, required
from app.sandbox.freshbooks.moments import eastern
from app.sandbox.freshbooks.refusals import Errno, invalid
from app.sandbox.freshbooks.rows import InvoiceRow, PaymentRow, Texts

BLANK: Texts = {
    "gateway": None,
    "note": "",
    "orderid": None,
    "send_client_notification": None,
    "transactionid": None,
    "type": "Other",
}
_READ_ONLY: Texts = {
    "bulk_paymentid": None,
    "creditid": None,
    "from_credit": False,
    "transaction_uuid": None,
}


def new_payment(payment_id: int, body: Body, invoice: InvoiceRow, now: datetime) -> PaymentRow:
    """Return a new payment of `invoice`. Raises: Refusal for a missing amount or day."""
    required(body, "payment", "amount")
    blank = PaymentRow(
        id=payment_id,
        client=invoice.client,
        invoice=invoice.id,
        amount=ZERO,
        currency=invoice.currency,
        date=day(required(body, "payment", "date"), "payment", "date"),
        updated=now,
    )
    return written_payment(blank, body)


def written_payment(payment: PaymentRow, body: Body) -> PaymentRow:
    """Return `payment` with the fields of `body`; the same when nothing in it differs."""
    amount, code = payment.amount, None
    if "amount" in body:
        amount, code = amount_of(body["amount"], "payment", "amount")
    if code not in {None, payment.currency}:
        message = "The currency is not the invoice's."
        raise invalid(Errno.INVALID_VALUE, "payment", "amount", code, message)
    return replace(
        payment,
        amount=amount,
        date=day(body.get("date", payment.date.isoformat()), "payment", "date"),
        texts=merged(payment.texts, body, BLANK),
    )


def shown_payment(payment: PaymentRow, account_id: str, more: Mapping[str, Any]) -> Texts:
    """Return the payment's JSON."""
    return {
        **BLANK,
        **_READ_ONLY,
        **payment.texts,
        "accounting_systemid": account_id,
        "amount": shown_money(payment.amount, payment.currency),
        "clientid": payment.client,
        "date": payment.date.isoformat(),
        "id": payment.id,
        "invoiceid": payment.invoice,
        "logid": payment.id,
        "overpaymentid": payment.id if payment.overpaid else None,
        "updated": eastern(payment.updated),
        "vis_state": int(payment.vis_state),
        **more,
    }
