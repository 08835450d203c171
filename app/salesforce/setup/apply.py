"""Add to an org what it lacks of what we need. Nothing that exists is changed but our own permission set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import Refusal, of_reply
from app.salesforce.api.client import Client
from app.salesforce.setup.access import SET_DESCRIPTION, SET_LABEL, SET_NAME, object_rights, rights
from app.salesforce.setup.access_found import access, granted, object_granted
from app.salesforce.setup.fields import DECLARED
from app.salesforce.setup.item import Item, State
from app.salesforce.setup.look import Found, look, row_id
from app.salesforce.setup.mends import LICENCE, by_hand, by_right
from app.salesforce.setup.objects import Thing
from app.salesforce.setup.plan import SET, access_to, assignment, plan
from app.salesforce.wire.wire import API, Reply
from streams.domain.errors import Unreachable

Tell = Callable[[str], object]
"""Hears what is being done."""

_EXISTS: Final = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})
"""Somebody was quicker, or it is hidden from us: the look afterwards tells whether it fits."""

_PASSING: Final = frozenset({Meaning.TRANSIENT, Meaning.BUDGET, Meaning.SESSION})
MOST_QUOTED: Final = 200


async def apply(client: Client, found: Found, tell: Tell) -> list[Item]:
    """Add what is missing in the org that stands as `found`; return how everything stands afterwards.

    Safe to repeat, also after a stop halfway. What Salesforce refuses is an item with its mend.

    Raises:
        Unreachable, RateLimited: not now; do it again later.
        Misconfigured: no log-in.
    """
    work = _Work(client, tell)
    await work.fields(found)
    found = await look(client, lines=found.lines)
    if not all(access(found, sobject).open for sobject in found.objects):
        found = await work.permission_set(found)
        await work.field_permissions(found)
        found = await look(client, lines=found.lines)
    return [work.told(item) for item in plan(found, client.connection)]


def steps(found: Found) -> int:
    """Return how many things `apply` has to add at most: as often it tells."""
    missing = sum(found.actual(wanted) is None for wanted in found.wanted)
    closed = [access(found, sobject) for sobject in found.objects]
    if not missing and all(each.open for each in closed):
        return 0
    ours = found.permission_set
    objects = sum(
        not object_granted(ours.objects.get(each) if ours else None, each) for each in found.objects
    )
    frame = objects + (not (ours and ours.id)) + (not (ours and ours.assigned))
    return missing + frame + sum(len(each.closed) for each in closed)


@dataclass(slots=True)
class _Work:
    """One run: what was added, and what was refused."""

    client: Client
    tell: Tell
    added: set[str] = field(default_factory=set)
    exists: set[str] = field(default_factory=set)
    """What Salesforce has already, although it does not show it to us."""
    refused: dict[str, Item] = field(default_factory=dict)

    async def fields(self, found: Found) -> None:
        """Add the custom fields that are nowhere; what is there and different stays."""
        mend = by_right("CustomizeApplication", self.client.connection)
        for wanted in found.wanted:
            if found.actual(wanted) is None:
                row = {"FullName": wanted.full_name, "Metadata": wanted.metadata}
                await self._add(wanted.full_name, "/tooling/sobjects/CustomField", row, mend)

    async def permission_set(self, found: Found) -> Found:
        """Make the permission set, let it open our objects, and assign it; return the org as it then is."""
        set_id = found.permission_set.id if found.permission_set else ""
        mend = by_right("ManageProfilesPermissionsets", self.client.connection)
        if not set_id:
            named = {"Name": SET_NAME, "Label": SET_LABEL, "Description": SET_DESCRIPTION}
            row = {**named, "PermissionsApiEnabled": True}
            set_id = await self._add(SET, "/sobjects/PermissionSet", row, mend)
        if not set_id:
            return found
        for sobject in found.objects:
            await self._object(found, sobject, set_id, mend)
        if not (found.permission_set and found.permission_set.assigned):
            whom = {"AssigneeId": found.user, "PermissionSetId": set_id}
            what, hand = assignment(found), by_hand(found.username)
            await self._add(what, "/sobjects/PermissionSetAssignment", whom, hand)
        return await look(self.client, lines=found.lines)

    async def _object(self, found: Found, sobject: Thing, set_id: str, mend: str) -> None:
        before = found.permission_set.objects.get(sobject.value) if found.permission_set else None
        given = object_rights(sobject)
        if object_granted(before, sobject):
            return
        what = access_to(sobject)
        if before is not None:
            await self._change(what, f"/sobjects/ObjectPermissions/{row_id(before)}", given, mend)
            return
        row = {"ParentId": set_id, "SobjectType": sobject.value, **given}
        await self._add(what, "/sobjects/ObjectPermissions", row, f"{mend}; {LICENCE}")

    async def field_permissions(self, found: Found) -> None:
        """Let the permission set open every field that is still closed."""
        if not found.permission_set or not found.permission_set.id:
            return
        mend = by_right("ManageProfilesPermissionsets", self.client.connection)
        for sobject in found.objects:
            for name in access(found, sobject).closed:
                if not granted(found, sobject, name) and _exists(found, sobject, name):
                    await self._field(found, sobject, name, mend)

    async def _field(self, found: Found, sobject: Thing, name: str, mend: str) -> None:
        assert found.permission_set is not None
        full = f"{sobject.value}.{name}"
        given = rights(sobject, name)
        if before := found.permission_set.fields.get(full):
            await self._change(
                access_to(sobject), f"/sobjects/FieldPermissions/{row_id(before)}", given, mend
            )
            return
        row = {"ParentId": found.permission_set.id, "SobjectType": sobject.value, "Field": full, **given}
        await self._add(access_to(sobject), "/sobjects/FieldPermissions", row, mend)

    async def _add(self, what: str, resource: str, row: Mapping[str, Any], mend: str) -> str:
        """Add a row; return its id, empty when it was refused."""
        self.tell(f"permission on {row['Field']}" if "Field" in row else what)
        if self._hopeless(what, mend):
            return ""
        reply = await self.client.ask("setup", "POST", resource, row)
        if not self._taken(what, reply, mend):
            return ""
        match reply.json():
            case {"success": True, "id": str(made)}:
                return made
            case _:
                raise Unreachable(API, "an answer that does not say what was made")

    async def _change(self, what: str, resource: str, row: Mapping[str, Any], mend: str) -> None:
        self.tell(what)
        self._taken(what, await self.client.ask("setup", "PATCH", resource, row), mend)

    def _taken(self, what: str, reply: Reply, mend: str) -> bool:
        if reply.ok:
            self.added.add(what)
            return True
        refusal = of_reply(reply)
        if refusal.meaning in _PASSING:
            raise refusal.error()
        if refusal.code in _EXISTS:
            self.exists.add(what)
        else:
            self.refused.setdefault(what, Item(what, State.REFUSED, _said(refusal, reply), mend))
        return False

    def _hopeless(self, what: str, mend: str) -> bool:
        """Tell whether the same was refused for want of a permission already: then it is not asked again."""
        before = next((item for item in self.refused.values() if item.mend == mend and _lacks(item)), None)
        if before is not None:
            self.refused.setdefault(what, replace(before, what=what))
        return before is not None

    def told(self, item: Item) -> Item:
        """Return `item` with what this run did about it."""
        if item.well:
            return replace(item, state=State.ADDED) if item.what in self.added else item
        if item.what in self.exists and item.state is State.MISSING:
            mend = by_right("ViewSetup", self.client.connection)
            return Item(item.what, State.UNKNOWN, "is there, but hidden from the run-as user", mend)
        return self.refused.get(item.what, item)


def _lacks(item: Item) -> bool:
    return item.says.startswith(("INSUFFICIENT_ACCESS", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"))


def _exists(found: Found, sobject: Thing, name: str) -> bool:
    """Tell whether a field can be granted at all: one of ours only once it is there."""
    ours = next((each for each in DECLARED if each.sobject is sobject and each.name == name), None)
    return ours is None or found.actual(ours) is not None or not found.may_look


def _said(refusal: Refusal, reply: Reply) -> str:
    """Return code and words of a refusal; what we asked for held no row's values, so they may be quoted."""
    try:
        said = reply.json()
    except Unreachable:
        said = None
    match said:
        case [{"message": str(message)}, *_]:
            return f"{refusal.code}: {message[:MOST_QUOTED]}"
        case _:
            return f"{refusal.code}: {refusal.reason}"
