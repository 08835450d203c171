"""What an org has of what we need, by real calls: reads only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.salesforce.answers.refusals import of_reply
from app.salesforce.api import soql
from app.salesforce.api.client import Client
from app.salesforce.setup.access import OBJECT_RIGHTS, SET_NAME
from app.salesforce.setup.fields import DECLARED, CustomField
from app.salesforce.setup.fit import Actual, described, told
from app.salesforce.setup.objects import EVERY, LINED, Thing
from app.salesforce.wire.wire import API
from streams.domain.command import OPTIONAL, SObject
from streams.domain.errors import Misconfigured, Refused, Unreachable
from streams.mapping.reading import read

RIGHTS: Final = ("CustomizeApplication", "ManageProfilesPermissionsets", "AssignPermissionSets", "ViewSetup")
"""User permissions that setting up needs, as `UserPermissionAccess` names them."""


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """Our permission set as the org has it; empty id: it is not there."""

    id: str = ""
    objects: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Rows of ObjectPermissions by object."""
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Rows of FieldPermissions by `Account.Phone`."""
    assigned: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """An org as it stands."""

    user: str
    username: str
    describes: Mapping[Thing, Mapping[str, Any] | None]
    """By object; None where the user cannot see it at all."""
    hidden: Mapping[str, Actual]
    """Fields of ours that exist and that the user may not see, by full name."""
    may_look: bool
    """Whether the Tooling API told us what is hidden."""
    rights: Mapping[str, bool]
    """By user permission; those that could not be learnt are absent."""
    permission_set: PermissionSet | None
    """None: the user may not look."""
    without: frozenset[Thing] = frozenset(LINED)
    """Objects that the org does not have, that nobody tells us of, or that nobody asked for."""

    @property
    def objects(self) -> tuple[Thing, ...]:
        """The objects that are to be set up."""
        return tuple(each for each in EVERY if each not in self.without)

    @property
    def lines(self) -> bool:
        """Whether the org is to take line items."""
        return SObject.LINES not in self.without

    @property
    def wanted(self) -> tuple[CustomField, ...]:
        """Our fields on those objects."""
        return _wanted(self.without)

    def field(self, sobject: Thing, name: str) -> Mapping[str, Any] | None:
        """Return what describe says of a field; None when the user does not see it."""
        return _described(self.describes[sobject], name)

    def actual(self, wanted: CustomField) -> Actual | None:
        """Return one of our fields as the org has it, seen or hidden; None when it is not there."""
        seen = self.field(wanted.sobject, wanted.name)
        return described(seen) if seen else self.hidden.get(wanted.full_name)


async def look(client: Client, *, lines: bool = False) -> Found:
    """Return how the org stands; for line items, too, with `lines` or where the mapping asks for them.

    Raises:
        Misconfigured: no log-in; its mend says what to set.
        Unreachable, RateLimited: try again later.
    """
    user, username = await _user(client)
    wants = lines or read(client.settings[client.connection].mapping).lines
    unasked = frozenset[Thing]() if wants else frozenset(LINED)
    describes = {each: await _describe(client, each) for each in EVERY if each not in unasked}
    without = unasked | await _without(client, [each for each in OPTIONAL if describes[each] is None])
    rights = await _rights(client)
    unseen = [each for each in _wanted(without) if _described(describes[each.sobject], each.name) is None]
    hidden = await _hidden(client, unseen)
    ours = await _permission_set(client, user)
    return Found(user, username, describes, hidden or {}, hidden is not None, rights, ours, without)


def _wanted(without: frozenset[Thing]) -> tuple[CustomField, ...]:
    return tuple(each for each in DECLARED if not {each.sobject, each.only_with} & without)


async def _without(client: Client, unseen: list[SObject]) -> frozenset[Thing]:
    """Return which of `unseen` the org does not have at all; it may have, and hide them from our user."""
    if not unseen:
        return frozenset[Thing]()
    names = ",".join(soql.text(each.value) for each in unseen)
    query = soql.select("QualifiedApiName", "EntityDefinition", f"QualifiedApiName IN ({names})")
    rows = await _rows(client, query, tooling=True)
    there = {str(row.get("QualifiedApiName")) for row in rows or ()}
    return frozenset(each for each in unseen if each.value not in there)


def _described(shape: Mapping[str, Any] | None, name: str) -> Mapping[str, Any] | None:
    fields = shape["fields"] if shape else ()
    return next((each for each in fields if each.get("name") == name), None)


def row_id(row: Mapping[str, Any]) -> str:
    """Return the id of a queried row.

    Raises:
        Unreachable: it has none, so it is no answer of Salesforce's.
    """
    match row.get("Id"):
        case str(found) if _ID.fullmatch(found):
            return found
        case _:
            raise Unreachable(API, "a row without its id")


_ID: Final = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


async def _user(client: Client) -> tuple[str, str]:
    """Return id and name of the run-as user; the name is empty where it may not be read."""
    user = await client.user()
    rows = await _rows(client, soql.select("Username", "User", f"Id = {soql.text(user)}"))
    return user, str(rows[0].get("Username", "")) if rows else ""


async def _describe(client: Client, sobject: Thing) -> Mapping[str, Any] | None:
    try:
        return await client.describe(sobject.value)
    except Misconfigured as error:
        if error.code == "NOT_FOUND":
            return None
        raise


async def _rights(client: Client) -> Mapping[str, bool]:
    """Return the user permissions; an edition that lacks one refuses its name: then each is asked alone."""
    names = [f"Permissions{right}" for right in RIGHTS]
    together = await _rows(client, soql.select(", ".join(names), "UserPermissionAccess"))
    if together:
        return {right: together[0].get(name) is True for right, name in zip(RIGHTS, names, strict=True)}
    alone = {
        right: await _rows(client, soql.select(name, "UserPermissionAccess"))
        for right, name in zip(RIGHTS, names, strict=True)
    }
    return {right: rows[0].get(f"Permissions{right}") is True for right, rows in alone.items() if rows}


async def _hidden(client: Client, unseen: list[CustomField]) -> Mapping[str, Actual] | None:
    """Return those of `unseen` that exist nevertheless; None when we may not look."""
    by_name = {wanted.full_name: wanted for wanted in unseen}
    begin = "SELECT Id, DeveloperName, TableEnumOrId FROM CustomField WHERE DeveloperName IN"
    names = [wanted.name.removesuffix("__c") for wanted in unseen]
    found: dict[str, Actual] = {}
    for query in soql.in_lists(begin, names):
        rows = await _rows(client, query, tooling=True)
        if rows is None:
            return None
        for row in rows:
            name = f"{row.get('TableEnumOrId')}.{row.get('DeveloperName')}__c"
            if name in by_name:
                found[name] = await _metadata(client, row_id(row))
    return found


async def _metadata(client: Client, field_id: str) -> Actual:
    reply = await client.ask("tooling", "GET", f"/tooling/sobjects/CustomField/{field_id}")
    if not reply.ok:
        raise of_reply(reply).at(client.connection).error()
    match reply.json():
        case {"Metadata": dict(metadata)}:
            return told(metadata)
        case _:
            raise Unreachable(API, "a custom field without metadata")


async def _permission_set(client: Client, user: str) -> PermissionSet | None:
    sets = await _rows(client, soql.select("Id", "PermissionSet", f"Name = {soql.text(SET_NAME)}"))
    if sets is None:
        return None
    if not sets:
        return PermissionSet()
    set_id = row_id(sets[0])
    parent = f"ParentId = {soql.text(set_id)}"
    rights = ", ".join(("Id", "SobjectType", *OBJECT_RIGHTS))
    objects = await _rows(client, soql.select(rights, "ObjectPermissions", parent))
    columns = "Id, Field, PermissionsRead, PermissionsEdit"
    fields = await _rows(client, soql.select(columns, "FieldPermissions", parent))
    mine = f"AssigneeId = {soql.text(user)} AND PermissionSetId = {soql.text(set_id)}"
    assigned = await _rows(client, soql.select("Id", "PermissionSetAssignment", mine))
    return PermissionSet(
        set_id,
        {str(row.get("SobjectType")): row for row in objects or ()},
        {str(row.get("Field")): row for row in fields or ()},
        bool(assigned),
    )


async def _rows(client: Client, query: str, *, tooling: bool = False) -> list[Mapping[str, Any]] | None:
    """Return all rows of a query; None when it is not for this user's eyes."""
    try:
        return [row async for row in client.query(query, tooling=tooling)]
    except (Refused, Misconfigured) as error:
        if error.code in _NOT_FOR_US:
            return None
        raise


_NOT_FOR_US: Final = frozenset({"INVALID_TYPE", "INVALID_FIELD", "INSUFFICIENT_ACCESS", "NOT_FOUND"})
