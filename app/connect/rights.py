"""What a consent lets us see: no more than its user's role shows him, and what he allowed."""

from collections.abc import Iterable
from typing import Final

from app.freshbooks.oauth import SCOPES
from app.salesforce.checkup import Finding
from streams.domain.identity import ConnectionName

_HIDDEN: Final = {
    "business_accountant": "an accountant no clients",
    "business_employee": "an employee no clients, invoices and payments",
    "contractor": "a contractor no clients, invoices and payments",
}
"""By role, what FreshBooks does not show, as its help page on team members has it (article 115002261367).
Nobody has tried it through the API: hence a warning, and no refusal."""


def hidden(role: str) -> str:
    """Return what FreshBooks shows a user in `role` nothing of; empty where nothing of that is known."""
    return f"FreshBooks shows {_HIDDEN[role]}" if role in _HIDDEN else ""


def role_mend(name: ConnectionName) -> str:
    """Return what to do about a role that sees too little."""
    return f"as the owner or an admin of the business: freshforce connect freshbooks {name} …"


def scopes_finding(name: ConnectionName, given: Iterable[str]) -> Finding:
    """Return whether the owner allowed all that we ask for, as far as FreshBooks said what he allowed."""
    what, allowed = "FreshBooks scopes", frozenset(given)
    missing = [scope for scope in SCOPES if scope not in allowed]
    if not allowed:
        return Finding(what, well=True, says="not named by FreshBooks; what can be read stands below")
    if missing:
        mend = f"add them to the app at FreshBooks, then freshforce connect freshbooks {name} …"
        return Finding(what, well=False, says=f"missing: {', '.join(missing)}", mend=mend)
    return Finding(what, well=True, says=f"all {len(SCOPES)} that we ask for")


def wanting(name: ConnectionName, given: Iterable[str], role: str) -> tuple[Finding, ...]:
    """Return what whoever has just connected should know: something will not be readable."""
    found = [scopes_finding(name, given)]
    if less := hidden(role):
        found.append(Finding("FreshBooks role", well=False, says=less, mend=role_mend(name)))
    return tuple(each for each in found if not each.well)
