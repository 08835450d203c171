"""A client and its balance as an Account."""

from typing import Final

from streams.domain.command import Field, SObject
from streams.domain.identity import ClientId
from streams.ledger.facts import ClientFacts
from streams.ledger.head import Head
from streams.ledger.opened import LISTED
from streams.mapping.naming import account_name
from streams.mapping.row import ACCOUNT_KEY, Row
from streams.mapping.rules import Rules

_PARTS: Final = ("Street", "City", "State", "PostalCode", "Country")
_BILLING: Final = tuple(f"Billing{part}" for part in _PARTS)
_SHIPPING: Final = tuple(f"Shipping{part}" for part in _PARTS)


def account(rules: Rules, client: ClientId, facts: ClientFacts, head: Head) -> Row:
    """Return the Account of a client: who it is, and how it stands with us."""
    fields: dict[str, Field] = {
        "Name": account_name(facts.name, client),
        "Phone": facts.business_phone or facts.mobile_phone or facts.home_phone or None,
        "Fax": facts.fax or None,
        "FreshBooks_Email__c": facts.email or None,
        **_address(_BILLING, facts.billing),
        **_address(_SHIPPING, facts.shipping),
        "FreshBooks_Payment_Status__c": _payment_status(head),
        "FreshBooks_Outstanding__c": _per_currency(head.outstanding),
        "FreshBooks_Paid__c": _per_currency(head.paid),
        "FreshBooks_Open_Invoices__c": _open_invoices(head),
        "FreshBooks_Last_Payment__c": head.last_payment or None,
    }
    return Row(SObject.ACCOUNT, ACCOUNT_KEY, rules.external_id(client), fields)


def _address(fields: tuple[str, ...], address: tuple[str, ...]) -> dict[str, Field]:
    street, street2, *rest = address
    lines = f"{street}\n{street2}" if street and street2 else street or street2
    return {name: part or None for name, part in zip(fields, (lines, *rest), strict=True)}


def _payment_status(head: Head) -> str | None:
    """Return one word for all invoices together; none when there are none."""
    if not head.counted:
        return None
    if not head.open:
        return "paid"
    return "partial" if head.moneyed else "unpaid"


def _per_currency(totals: dict[str, str]) -> str | None:
    """Return each currency's total, apart: nothing is converted."""
    return "; ".join(f"{currency} {totals[currency]}" for currency in sorted(totals)) or None


def _open_invoices(head: Head) -> str | None:
    if head.open > LISTED:
        return f"{head.open} invoices"
    return ", ".join(number for _, number in head.numbers) or None
