"""Look into an org for what is like some clients: one query for many, one more for their Contacts."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from app.salesforce.answers.meanings import SETUP, mend_at
from app.salesforce.api.soql import select
from app.salesforce.lanes.org import Org
from app.salesforce.matching.names import mailbox
from app.salesforce.matching.score import Existing
from app.salesforce.matching.terms import EMAIL_FIELDS, PHONE_FIELDS, Client, Columns, conditions
from streams.domain.errors import Misconfigured
from streams.domain.identity import SalesforceId
from streams.mapping.row import ACCOUNT_KEY

ACCOUNT: Final = "Account"
CONTACT: Final = "Contact"


async def existing(org: Org, clients: Sequence[Client]) -> dict[SalesforceId, Existing]:
    """Return every Account that may be one of `clients`, and those that carry their external ids.

    Raises:
        Refused, Misconfigured: the query is not for us.
        Unreachable, RateLimited: try again later.
    """
    columns = await _columns(org)
    found: dict[SalesforceId, Existing] = {}
    for condition in conditions(clients, columns):
        async for row in org.client.query(select(", ".join(columns.all), ACCOUNT, condition)):
            if (account := _existing(row, columns)) is not None:
                found[account.id] = account
    async for account in _through_contacts(org, clients, columns):
        known = found.get(account.id, account)
        found[account.id] = replace(known, contacts=known.contacts | account.contacts)
    return found


def look_anew(org: Org) -> None:
    """Ask the org which fields it shows before the next question: it refused one as we knew them."""
    for sobject in (ACCOUNT, CONTACT):
        org.forget_shape(sobject)


async def named(org: Org, accounts: Iterable[SalesforceId]) -> dict[SalesforceId, Existing]:
    """Return the Accounts with these ids, as far as they are there.

    Raises:
        as `existing`.
    """
    columns = await _columns(org)
    asked = select(", ".join(columns.all), ACCOUNT, "Id IN")
    rows = [row async for row in org.client.query_in(asked, accounts)]
    return {it.id: it for row in rows if (it := _existing(row, columns)) is not None}


async def _through_contacts(org: Org, clients: Sequence[Client], columns: Columns) -> AsyncIterator[Existing]:
    """Yield the Accounts of Contacts with a client's e-mail address, each with that address."""
    emails = dict.fromkeys(filter(None, (mailbox(it.wanted.email) for it in clients)))
    if not emails or not await _sees_contacts(org):
        return
    wanted = ", ".join(f"Account.{name}" for name in columns.all)
    asked = select(f"Email, {wanted}", CONTACT, "AccountId != null AND Email IN")
    async for row in org.client.query_in(asked, emails):
        account = _existing(row.get("Account"), columns)
        if account is not None and isinstance(row.get("Email"), str):
            yield replace(account, contacts=frozenset({row["Email"]}))


async def _sees_contacts(org: Org) -> bool:
    """Tell whether the org lets us look for Accounts through their Contacts; `ping` says when not."""
    try:
        return {"Email", "AccountId"} <= (await org.shape(CONTACT)).columns
    except Misconfigured:
        return False


async def _columns(org: Org) -> Columns:
    names = (await org.shape(ACCOUNT)).columns
    if ACCOUNT_KEY not in names:
        org.forget_shape(ACCOUNT)
        message = f"{ACCOUNT}.{ACCOUNT_KEY} is no external id field of the org, or hidden from us"
        raise Misconfigured(message, mend_at(org.name, SETUP), "no-external-id-field")

    def seen(wanted: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in wanted if name in names)

    return Columns(ACCOUNT_KEY, seen(EMAIL_FIELDS), seen(PHONE_FIELDS))


def _existing(row: Any, columns: Columns) -> Existing | None:
    match row:
        case {"Id": str(its_id)}:
            emails, phones = _texts(row, columns.emails), [*_texts(row, columns.phones)]
            return Existing(
                id=SalesforceId(its_id),
                name=_text(row, "Name"),
                emails=frozenset(emails),
                phone=phones[0] if phones else "",
                holder=_text(row, columns.key),
            )
        case _:
            return None


def _texts(row: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[str]:
    return filter(None, (_text(row, name) for name in names))


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""
