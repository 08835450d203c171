"""Columns by which lists are filtered and sorted."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from app.sandbox.freshbooks.clients import ADDRESS
from app.sandbox.freshbooks.moments import eastern_day
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.rows import InvoiceRow
from app.sandbox.freshbooks.standing import due_date, standing


class Sort(Enum):
    """What a column holds; so how a filter's text is read and compared."""

    NUMBER = "number"
    DAY = "day"
    TEXT = "text"
    BOOL = "bool"


Value = int | Decimal | date | str | bool
Get = Callable[[Any, date | None], Value]
"""Reads a column of a row; the second argument is today, for what changes with the calendar."""


class Column(NamedTuple):
    """One column: how it is read, and what of."""

    sort: Sort
    get: Get


def _plain(name: str) -> Get:
    return lambda row, _: getattr(row, name)


def _text(name: str) -> Get:
    return lambda row, _: str(row.texts.get(name) or "")


def _face(*names: str) -> Get:
    return lambda row, _: " ".join(getattr(row.face, name) for name in names)


def _texts(*names: str) -> Get:
    return lambda row, _: " ".join(str(row.texts.get(name) or "") for name in names)


def _v3_status(row: InvoiceRow, today: date | None) -> str:
    return standing(row, today).v3_status


def _payment_status(row: InvoiceRow, today: date | None) -> str:
    return standing(row, today).payment_status


_ID = Column(Sort.NUMBER, _plain("id"))
_CLIENT = Column(Sort.NUMBER, _plain("client"))
_UPDATED = Column(Sort.DAY, lambda row, _: eastern_day(row.updated))
_CREATED = Column(Sort.DAY, lambda row, _: eastern_day(row.created))
_AMOUNT = Column(Sort.NUMBER, _plain("amount"))
_ADDRESS = Column(Sort.TEXT, _face(*ADDRESS))
_CREATE_DATE = Column(Sort.DAY, _plain("create_date"))
_CURRENCY = Column(Sort.TEXT, _plain("currency"))
_EVERY = {"id": _ID, "updated": _UPDATED, "vis_state": Column(Sort.NUMBER, _plain("vis_state"))}
_OF_CLIENT = dict.fromkeys(("customerid", "userid", "clientid"), _CLIENT)

COLUMNS: Mapping[Noun, Mapping[str, Column]] = {
    Noun.CLIENT: {
        **_EVERY,
        "userid": _ID,
        "clientid": _ID,
        "email": Column(Sort.TEXT, _text("email")),
        "note": Column(Sort.TEXT, _text("note")),
        "organization": Column(Sort.TEXT, _face("organization")),
        "fname": Column(Sort.TEXT, _face("fname")),
        "lname": Column(Sort.TEXT, _face("lname")),
        "user": Column(Sort.TEXT, _texts("organization", "fname", "lname", "email")),
        "phone": Column(Sort.TEXT, _texts("bus_phone", "mob_phone", "home_phone")),
        "address": _ADDRESS,
        "signup_date": _CREATED,
    },
    Noun.INVOICE: {
        **_EVERY,
        **_OF_CLIENT,
        "invoiceid": _ID,
        "invoice_id": _ID,
        "invoice_number": Column(Sort.TEXT, _plain("number")),
        "status": Column(Sort.NUMBER, _plain("stage")),
        "statusid": Column(Sort.NUMBER, _plain("stage")),
        "v3_status": Column(Sort.TEXT, _v3_status),
        "payment_status": Column(Sort.TEXT, _payment_status),
        "amount": _AMOUNT,
        "paid": Column(Sort.NUMBER, _plain("paid")),
        "outstanding": Column(Sort.NUMBER, _plain("outstanding")),
        "date": _CREATE_DATE,
        "create_date": _CREATE_DATE,
        "invoice_date": _CREATE_DATE,
        "due_date": Column(Sort.DAY, lambda row, _: due_date(row)),
        "created": _CREATED,
        "created_at": _CREATED,
        "currency_code": _CURRENCY,
        "address": _ADDRESS,
    },
    Noun.PAYMENT: {
        **_EVERY,
        **_OF_CLIENT,
        "logid": _ID,
        "invoiceid": Column(Sort.NUMBER, _plain("invoice")),
        "amount": _AMOUNT,
        "date": Column(Sort.DAY, _plain("date")),
        "type": Column(Sort.TEXT, lambda row, _: str(row.texts.get("type", "Other"))),
        "currency": _CURRENCY,
        "notes": Column(Sort.TEXT, _text("note")),
        "note": Column(Sort.TEXT, _text("note")),
        "from_credit": Column(Sort.BOOL, lambda _row, _: False),
    },
    Noun.ESTIMATE: {
        **_EVERY,
        **_OF_CLIENT,
        "estimateid": _ID,
        "estimate_number": Column(Sort.TEXT, _plain("number")),
        "amount": _AMOUNT,
        "create_date": _CREATE_DATE,
        "created": _CREATED,
        "currency_code": _CURRENCY,
    },
}
