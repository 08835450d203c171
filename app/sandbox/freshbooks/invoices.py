"""Invoices: what is written, what is shown."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from app.sandbox.freshbooks.amounts import ZERO, money, number
from app.sandbox.freshbooks.bodies import Body, day, merged, plain, required, whole
from app.sandbox.freshbooks.lines import discount_on, lines_of, shown_line, total
from app.sandbox.freshbooks.moments import eastern, eastern_version
from app.sandbox.freshbooks.refusals import Errno, invalid
from app.sandbox.freshbooks.rows import ClientRow, Face, InvoiceRow, Stage, Texts
from app.sandbox.freshbooks.standing import due_date, standing

BLANK: Texts = {
    "attach_pdf_to_email": False,
    "discount_description": None,
    "fulfillment_date": None,
    "language": "en",
    "notes": "",
    "payment_details": "",
    "po_number": None,
    "return_uri": None,
    "series": "",
    "show_attachments": True,
    "template": "clean-grouped",
    "terms": None,
    "vat_name": "",
    "vat_number": "",
}
_READ_ONLY: Texts = {
    "auto_bill": False,
    "autobill_status": None,
    "basecampid": 0,
    "deposit_amount": None,
    "deposit_percentage": None,
    "deposit_status": "none",
    "dispute_status": None,
    "estimateid": 0,
    "ext_archive": 0,
    "generation_date": None,
    "gmail": False,
    "last_order_status": None,
    "lock_status": "unlocked",
    "ownerid": 1,
    "parent": 0,
    "sender_address": {
        "city": "Berlin",
        "code": "10115",
        "country": "Germany",
        "province": "",
        "street": "",
        "street2": "",
    },
    "sentid": 1,
}
_FACE = tuple(Face.__dataclass_fields__)


def new_invoice(
    invoice_id: int, body: Body, client: ClientRow, number_given: str, now: datetime
) -> InvoiceRow:
    """Return a new invoice for `client`: a draft, unless `status` says otherwise."""
    blank = InvoiceRow(
        id=invoice_id,
        client=client.id,
        number=number_given,
        currency=client.texts.get("currency_code", "USD"),
        create_date=day(required(body, "invoice", "create_date"), "invoice", "create_date"),
        due_days=0,
        lines=(),
        face=client.face,
        created=now,
        updated=now,
    )
    return written_invoice(blank, body)


def written_invoice(invoice: InvoiceRow, body: Body) -> InvoiceRow:
    """Return `invoice` with the fields of `body`; the same when nothing in it differs."""
    after = replace(
        invoice,
        number=plain("invoice_number", body.get("invoice_number"), "") or invoice.number,
        currency=plain("currency_code", body.get("currency_code"), "") or invoice.currency,
        create_date=day(body.get("create_date", invoice.create_date.isoformat()), "invoice", "create_date"),
        due_days=whole(body.get("due_offset_days", invoice.due_days), "invoice", "due_offset_days"),
        lines=lines_of(body["lines"], "invoice") if "lines" in body else invoice.lines,
        discount=number(body.get("discount_value", invoice.discount), "invoice", "discount_value"),
        stage=_stage(body.get("status", invoice.stage)),
        face=_face(invoice.face, body),
        texts=merged(invoice.texts, body, BLANK),
    )
    _refuse_endless(after)
    return replace(after, amount=total(after.lines, after.discount))


def shown_invoice(
    invoice: InvoiceRow, account_id: str, organization: str, today: date | None, more: Mapping[str, Any]
) -> Texts:
    """Return the invoice's JSON; `organization` is the client's present one."""
    return {
        **BLANK,
        **_READ_ONLY,
        **invoice.texts,
        **asdict(invoice.face),
        "accountid": account_id,
        "accounting_systemid": account_id,
        "address": "",
        "create_date": invoice.create_date.isoformat(),
        "created_at": eastern(invoice.created),
        "current_organization": organization,
        "customerid": invoice.client,
        "date_paid": invoice.date_paid.isoformat() if invoice.date_paid else None,
        "description": (invoice.lines[0].description or invoice.lines[0].name) if invoice.lines else "",
        "due_date": due_date(invoice).isoformat(),
        "due_offset_days": invoice.due_days,
        "id": invoice.id,
        "invoice_number": invoice.number,
        "invoiceid": invoice.id,
        **standing(invoice, today)._asdict(),
        **_amounts(invoice),
        "updated": eastern(invoice.updated),
        "uuid": str(uuid5(NAMESPACE_OID, f"{account_id}/invoice/{invoice.id}")),
        "version": eastern_version(invoice.updated),
        "vis_state": int(invoice.vis_state),
        **more,
    }


def shown_lines(invoice: InvoiceRow) -> list[Texts]:
    """Return the lines, which are shown only when asked for."""
    updated = eastern(invoice.updated)
    return [
        shown_line(line, place, invoice.id, invoice.currency, updated)
        for place, line in enumerate(invoice.lines, start=1)
    ]


def presentation(invoice: InvoiceRow) -> Texts:
    """Return how the invoice looks on paper."""
    return {
        "date_format": "dd/mm/yyyy",
        "image_logo_src": None,
        "invoiceid": invoice.id,
        "theme_font_name": "modern",
        "theme_layout": "simple",
        "theme_primary_color": "#4c6ef5",
    }


def _amounts(invoice: InvoiceRow) -> Texts:
    code, percent = invoice.currency, f"{invoice.discount:f}"
    return {
        "currency_code": code,
        "amount": money(invoice.amount, code),
        "discount": {"amount": money(ZERO, code), "rate": percent, "type": "percent"},
        "discount_total": money(discount_on(invoice.lines, invoice.discount), code),
        "discount_value": percent,
        "paid": money(invoice.paid, code),
        "net_paid_amount": money(invoice.paid, code),
        "outstanding": money(invoice.outstanding, code),
    }


def _stage(value: Any) -> int:
    if not isinstance(value, int) or value not in set(Stage):
        raise invalid(Errno.INVALID_VALUE, "invoice", "status", value, "status is not valid.")
    return int(value)


def _refuse_endless(invoice: InvoiceRow) -> None:
    """Let an invoice pass that is due on a day of the calendar."""
    try:
        due_date(invoice)
    except OverflowError:
        message = "due_offset_days is out of range."
        raise invalid(Errno.INVALID_VALUE, "invoice", "due_offset_days", invoice.due_days, message) from None


def _face(face: Face, body: Body) -> Face:
    given = {key: plain(key, body[key], "") for key in _FACE if body.get(key) is not None}
    return replace(face, **given) if given else face
