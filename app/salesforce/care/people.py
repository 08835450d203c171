"""Which Accounts are persons: an Account is one, or is none, from its first day on.

A person account makes its `Name` of the first and the last name, and is its own Contact; a business account
has no fields of a person's. A command may hold both; what is there decides which of them are written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from app.salesforce.rows.row import Row, Worn
from app.salesforce.shape.describe import Shape
from streams.domain.command import Lookup, SObject

IS_PERSON: Final = "IsPersonAccount"
"""The field that only orgs with person accounts have, on Account and on Contact."""
OWN_CONTACT: Final = "PersonContactId"

NO_PERSONS: Final = "the org has no person accounts: such clients become business accounts, without a Contact"
PERSONS_MEND: Final = "let Salesforce enable person accounts, or take [person_account] out of the mapping"

PERSON: Final = "person"
BUSINESS: Final = "business"
_NAMES: Final = frozenset({"FirstName", "LastName", "MiddleName", "Salutation", "Suffix"})


def kind_of(row: Row, seen: Mapping[str, Any] | None, shape: Shape) -> str:
    """Return what an Account is, or is made as; nothing where that is no question."""
    if row.command.sobject is not SObject.ACCOUNT or IS_PERSON not in shape.columns:
        return ""
    is_person = row.fields.get("LastName") if seen is None else seen.get(IS_PERSON) is True
    return PERSON if is_person else BUSINESS


def suited(worn: Worn, kind: str) -> Worn:
    """Return what is written of an Account of this kind."""
    names = [*worn.fields, *worn.first]
    if kind == PERSON and "Name" in names:
        note = "Name: left to the person account, which makes it of first and last name"
        return _without(worn, ["Name"], () if "LastName" in worn.fields else (note,))
    if kind == BUSINESS and (personal := [name for name in names if _personal(name)]):
        return _without(
            worn, personal, (f"{', '.join(personal)}: left out, the Account is no person account",)
        )
    return worn


def _without(worn: Worn, dropped: Iterable[str], notes: tuple[str, ...]) -> Worn:
    fields, first = (
        {name: it for name, it in each.items() if name not in dropped} for each in (worn.fields, worn.first)
    )
    return replace(worn, fields=fields, first=first, notes=notes)


def account_of(row: Row) -> Lookup | None:
    """Return the Account that a Contact hangs under."""
    found = row.fields.get(SObject.ACCOUNT.value) if row.command.sobject is SObject.CONTACT else None
    return found if isinstance(found, Lookup) and found.external_id else None


def itself(contact: str) -> Worn:
    """Return how a Contact goes whose Account is a person: not at all, the org has its own."""
    return Worn({}, ("Contact: left to its Account, which is a person account",), stands_for=contact)


def _personal(name: str) -> bool:
    return name in _NAMES or name.startswith("Person") or name.endswith("__pc")
