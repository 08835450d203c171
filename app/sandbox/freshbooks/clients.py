"""Clients: what is written, what is shown."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from app.sandbox.freshbooks.bodies import Body, merged
from app.sandbox.freshbooks.moments import eastern, naive_utc
from app.sandbox.freshbooks.refusals import Errno, invalid
from app.sandbox.freshbooks.rows import ClientRow, Face, Texts

ADDRESS = ("street", "street2", "city", "province", "country", "code")
BLANK: Texts = {
    "allow_email_include_pdf": False,
    "allow_late_fees": True,
    "allow_late_notifications": True,
    "bus_phone": "",
    "company_industry": None,
    "company_size": None,
    "currency_code": "USD",
    "email": "",
    "fax": "",
    "fname": "",
    "home_phone": None,
    "language": "en",
    "lname": "",
    "mob_phone": "",
    "note": None,
    "notified": False,
    "organization": "",
    **{f"{side}_{part}": "" for side in "ps" for part in ADDRESS},
    "pref_email": True,
    "pref_gmail": False,
    "vat_name": None,
    "vat_number": None,
}
_READ_ONLY: Texts = {
    "direct_link_token": None,
    "exceeds_client_limit": 0,
    "has_retainer": None,
    "last_activity": None,
    "last_login": None,
    "level": 0,
    "num_logins": 0,
    "number_format": None,
    "retainer_id": None,
    "role": "client",
    "statement_token": None,
    "subdomain": None,
}
_NAMES = ("fname", "lname", "email", "organization")


def new_client(client_id: int, body: Body, now: datetime) -> ClientRow:
    """Return a new client. Raises: Refusal(7012) without any name or e-mail."""
    if not any(body.get(name) for name in _NAMES):
        message = "At least one of fname, lname, email, organization is required."
        raise invalid(Errno.CLIENT_NEEDS_A_NAME, "client", "organization", "", message)
    blank = ClientRow(client_id, created=now, updated=now, texts={}, face=Face())
    return written_client(blank, body)


def written_client(client: ClientRow, body: Body) -> ClientRow:
    """Return `client` with the fields of `body`; the same when nothing in it differs."""
    texts = merged(client.texts, body, BLANK)
    return replace(client, texts=texts, face=_face(texts))


def shown_client(client: ClientRow, account_id: str, more: Mapping[str, Any]) -> Texts:
    """Return the client's JSON; `more` is what was asked for by include[]."""
    return {
        **BLANK,
        **_READ_ONLY,
        **client.texts,
        "accounting_systemid": account_id,
        "id": client.id,
        "userid": client.id,
        "username": _username(client),
        "uuid": str(uuid5(NAMESPACE_OID, f"{account_id}/client/{client.id}")),
        "signup_date": naive_utc(client.created),
        "updated": eastern(client.updated),
        "vis_state": int(client.vis_state),
        **more,
    }


def _face(texts: Texts) -> Face:
    names = {key: texts.get(key, "") for key in ("organization", "fname", "lname")}
    return Face(**names, **{part: texts.get(f"p_{part}", "") for part in ADDRESS})


def _username(client: ClientRow) -> str:
    name = f"{client.face.fname}{client.face.lname}" or client.face.organization
    plain = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())
    return f"{plain or 'client'}{client.id}"
