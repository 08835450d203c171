"""Whether the run-as user can do what we need on one object, whoever grants it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.salesforce.setup.access import READ, needed, object_rights, parts, rights
from app.salesforce.setup.look import Found
from app.salesforce.setup.objects import Thing
from streams.domain.command import OPTIONAL, SObject


@dataclass(frozen=True, slots=True)
class Access:
    """What is closed to the user on one object."""

    sobject: Thing
    seen: bool
    """Whether the object exists for the user."""
    writable: bool
    """Whether rows may be created and changed."""
    closed: tuple[str, ...]
    """Fields that the user cannot write (or read) and that a permission would open, under its name."""
    locked: tuple[str, ...]
    """Fields that no permission opens: calculated ones."""

    @property
    def open(self) -> bool:
        """Tell whether nothing is missing."""
        return self.writable and not self.closed and not self.locked


def access(found: Found, sobject: Thing) -> Access:
    """Return what is closed to the run-as user on `sobject`."""
    shape = found.describes[sobject]
    wanted = object_rights(sobject)
    makes = not wanted["PermissionsCreate"] or (shape and shape.get("createable"))
    writable = bool(shape and makes and (shape.get("updateable") or not wanted["PermissionsEdit"]))
    wanting = [name for name in needed(sobject, found.without) if not _open(found, sobject, name)]
    locked = tuple(name for name in wanting if _locked(found.field(sobject, name)))
    closed = tuple(name for name in wanting if name not in locked)
    return Access(sobject, shape is not None, writable, closed, locked)


def granted(found: Found, sobject: Thing, name: str) -> bool:
    """Tell whether our permission set grants a field."""
    row = found.permission_set.fields.get(f"{sobject.value}.{name}") if found.permission_set else None
    return row is not None and all(
        row.get(right) is True for right, on in rights(sobject, name).items() if on
    )


def object_granted(row: Mapping[str, Any] | None, sobject: Thing) -> bool:
    """Tell whether a row of ObjectPermissions grants all that we need on `sobject`; lines have none."""
    wanted = object_rights(sobject)
    return sobject is SObject.LINES or (
        row is not None and all(row.get(right) is True for right, on in wanted.items() if on)
    )


def _open(found: Found, sobject: Thing, name: str) -> bool:
    fields = [found.field(sobject, part) for part in parts(name)]
    if name in READ[sobject]:
        return all(fields)
    made = sobject not in OPTIONAL
    return all(
        field and (field.get("createable") or not made) and field.get("updateable") for field in fields
    )


def _locked(field: Mapping[str, Any] | None) -> bool:
    return field is not None and field.get("permissionable") is False
