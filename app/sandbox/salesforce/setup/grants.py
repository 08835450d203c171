"""What a user's permission sets grant."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.sandbox.salesforce.rows import Row, Table


class Grants(NamedTuple):
    """Objects by name and fields by `Account.Phone` that permission sets open."""

    reads: frozenset[str]
    creates: frozenset[str]
    edits: frozenset[str]
    shows: frozenset[str]
    writes: frozenset[str]


NOTHING = Grants(*[frozenset[str]()] * 5)


def granted(tables: Mapping[str, Table], user_id: str) -> Grants:
    """Return what all permission sets of a user together grant."""
    objects = list(_of(tables, user_id, "ObjectPermissions"))
    fields = list(_of(tables, user_id, "FieldPermissions"))
    return Grants(
        _where(objects, "SobjectType", "PermissionsRead"),
        _where(objects, "SobjectType", "PermissionsCreate"),
        _where(objects, "SobjectType", "PermissionsEdit"),
        _where(fields, "Field", "PermissionsRead"),
        _where(fields, "Field", "PermissionsEdit"),
    )


def _of(tables: Mapping[str, Table], user_id: str, kind: str) -> Iterator[Row]:
    for assignment in tables["PermissionSetAssignment"].rows.values():
        if assignment["AssigneeId"] == user_id:
            yield from tables[kind].some(tables[kind].find("ParentId", assignment["PermissionSetId"]))


def _where(rows: list[Row], name: str, right: str) -> frozenset[str]:
    return frozenset(str(row[name]) for row in rows if row.get(right))
