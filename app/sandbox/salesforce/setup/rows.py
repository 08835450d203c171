"""What a permission row is held against: names that exist, permissions that need others, one row each."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from app.sandbox.salesforce.derive import Derive, Written
from app.sandbox.salesforce.refusal import Code, Refusal, refuse
from app.sandbox.salesforce.rows import Row, Table
from app.sandbox.salesforce.schema import SObject
from app.sandbox.salesforce.setup.compounds import granted_as, needs_permission
from app.sandbox.salesforce.setup.sight import FOLLOWS

NEEDS = {"Create": ("Read",), "Edit": ("Read",), "Delete": ("Read", "Edit"), "ViewAllRecords": ("Read",)}
BELONGS = {"Contact": "Account", "Opportunity": "Account", "Order": "Account"}
"""Reading these needs reading what they hang on."""
API_NAME = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9])*")


def setup_derivations(objects: Mapping[str, SObject], tables: Mapping[str, Table]) -> dict[str, Derive]:
    """Return what checks and completes permission rows as they are written."""
    checks = _Checks(objects, tables)
    return {
        "PermissionSet": checks.permission_set,
        "ObjectPermissions": checks.object_permission,
        "FieldPermissions": checks.field_permission,
        "PermissionSetAssignment": checks.assignment,
    }


class _Checks:
    def __init__(self, objects: Mapping[str, SObject], tables: Mapping[str, Table]) -> None:
        self._objects = objects
        self._tables = tables

    def permission_set(self, written: Written) -> None:
        new = written.new
        if not API_NAME.fullmatch(new["Name"]):
            told = "The Permission Set API Name can only contain letters, digits and underscores"
            raise refuse(Code.INVALID_INPUT, told, "Name")
        if self._other("PermissionSet", new, "Name"):
            told = f"This Permission Set API Name is already in use: {new['Name']}"
            raise refuse(Code.DUPLICATE_DEVELOPER_NAME, told, "Name")

    def object_permission(self, written: Written) -> None:
        new, name = written.new, written.new["SobjectType"]
        if name not in self._objects or name in FOLLOWS:
            raise _no_value(name, "SobjectType")
        _refuse_lonely(new, name)
        parent = BELONGS.get(name)
        if parent and new["PermissionsRead"] and not self._reads(new["ParentId"], parent):
            raise _depends(("Read", name), ("Read", parent), "PermissionsRead")
        self._alone("ObjectPermissions", new, "ParentId", "SobjectType")

    def field_permission(self, written: Written) -> None:
        new = written.new
        name, field = new["SobjectType"], new["Field"]
        if field not in set(self._grantable(name)):
            raise _no_value(field, "Field")
        if new["PermissionsEdit"] and not new["PermissionsRead"]:
            raise _depends(("Edit", field), ("Read", field), "PermissionsEdit")
        if not self._reads(new["ParentId"], name):
            raise _depends(("Read", field), ("Read", name), "Field")
        self._alone("FieldPermissions", new, "ParentId", "Field")

    def assignment(self, written: Written) -> None:
        self._alone("PermissionSetAssignment", written.new, "AssigneeId", "PermissionSetId")

    def _grantable(self, name: str) -> Iterator[str]:
        thing = self._objects.get(name)
        for field in thing.fields.values() if thing else ():
            if needs_permission(field):
                yield f"{name}.{granted_as(field)}"

    def _reads(self, parent: Any, name: str) -> bool:
        table = self._tables["ObjectPermissions"]
        rows = table.some(table.find("ParentId", parent))
        read = {row["SobjectType"] for row in rows if row["PermissionsRead"]}
        return read.issuperset(FOLLOWS.get(name, (name,)))

    def _alone(self, kind: str, new: Row, *names: str) -> None:
        if (other := self._other(kind, new, *names)) is not None:
            told = f"duplicate value found: {names[0]} duplicates value on record with id: {other[:15]}"
            raise refuse(Code.DUPLICATE_VALUE, told, names[0])

    def _other(self, kind: str, new: Row, *names: str) -> str | None:
        rows = self._tables[kind].rows.values()
        alike = (row for row in rows if all(row[name] == new[name] for name in names))
        return next((row["Id"] for row in alike if row["Id"] != new["Id"]), None)


def _refuse_lonely(new: Row, name: str) -> None:
    for right, needed in NEEDS.items():
        for other in needed:
            if new[f"Permissions{right}"] and not new[f"Permissions{other}"]:
                raise _depends((right, name), (other, name), f"Permissions{right}")


def _depends(right: tuple[str, str], needed: tuple[str, str], field: str) -> Refusal:
    told = f"Permission {' '.join(right)} depends on permission(s): {' '.join(needed)}"
    return refuse(Code.FIELD_INTEGRITY_EXCEPTION, told, field)


def _no_value(value: object, field: str) -> Refusal:
    told = f"bad value for restricted picklist field: {value}"
    return refuse(Code.INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, told, field)
