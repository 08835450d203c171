"""What an org needs, thing by thing: there, missing, different, or beyond what the run-as user may do."""

from collections.abc import Iterator
from typing import Final

from app.salesforce.setup.access import SET_LABEL
from app.salesforce.setup.access_found import Access, access, granted, object_granted
from app.salesforce.setup.fields import CustomField
from app.salesforce.setup.fit import misfits
from app.salesforce.setup.item import Item, State
from app.salesforce.setup.look import Found
from app.salesforce.setup.mends import by_hand, by_right, in_setup
from app.salesforce.setup.objects import Thing

SET: Final = f"permission set {SET_LABEL}"

NOT_NEEDED: Final = "not needed: the run-as user has all access already"


def access_to(sobject: Thing) -> str:
    """Return what the access to an object is called."""
    return f"access to {sobject.value}"


def assignment(found: Found) -> str:
    """Return what the assignment of the permission set is called."""
    return f"{SET} of {found.username or 'the run-as user'}"


def plan(found: Found, connection: str) -> list[Item]:
    """Return how everything that we need stands in an org."""
    missing = {field for field in found.wanted if found.actual(field) is None}
    closed = [access(found, sobject) for sobject in found.objects]
    items = [_field(found, field, connection) for field in found.wanted]
    items += [_access(found, each, connection) for each in closed]
    needed = bool(missing) or not all(each.open for each in closed)
    return items + list(_permission_set(found, connection, needed=needed))


def _field(found: Found, field: CustomField, connection: str) -> Item:
    actual = found.actual(field)
    if actual is None:
        return _absent(found, field, connection)
    wrong = list(misfits(field, actual))
    if not wrong:
        return Item(field.full_name, State.THERE)
    mend = in_setup(field.sobject.value, field.name, "; ".join(each.mend for each in wrong))
    return Item(field.full_name, State.DIFFERS, "; ".join(each.says for each in wrong), mend)


def _absent(found: Found, field: CustomField, connection: str) -> Item:
    doubt = "" if found.may_look else "; or hidden: the run-as user may not look"
    says = f"{field.spelled}{doubt}"
    if found.rights.get("CustomizeApplication", True):
        return Item(field.full_name, State.MISSING, says)
    return Item(field.full_name, State.BARRED, says, by_right("CustomizeApplication", connection))


def _access(found: Found, closed: Access, connection: str) -> Item:
    what = access_to(closed.sobject)
    if closed.open:
        return Item(what, State.THERE)
    if stuck := _stuck(found, closed):
        mend = "is the field calculated, muted by a permission set group, or not in the user's licence?"
        return Item(what, State.DIFFERS, f"granted, yet not writable: {', '.join(stuck)}", mend)
    state, mend = _grantable(found, "ManageProfilesPermissionsets", connection)
    return Item(what, state, _closed(closed), mend)


def _stuck(found: Found, closed: Access) -> list[str]:
    """Return what stays closed although all that we can give is given."""
    ours = found.permission_set
    given = ours and ours.assigned and object_granted(ours.objects.get(closed.sobject.value), closed.sobject)
    if given and not closed.writable:
        return ["Create and Edit"]
    if ours and ours.assigned and closed.writable:
        ungiven = [name for name in closed.closed if not granted(found, closed.sobject, name)]
        return [] if ungiven else [*closed.locked, *closed.closed]
    return list(closed.locked) if closed.writable and not closed.closed else []


def _closed(closed: Access) -> str:
    if not closed.seen:
        return "the run-as user does not see the object"
    rows = "" if closed.writable else "no Create and Edit; "
    return f"{rows}to open: {', '.join(closed.closed)}" if closed.closed else rows.removesuffix("; ")


def _permission_set(found: Found, connection: str, *, needed: bool) -> Iterator[Item]:
    ours = found.permission_set
    if not needed and not (ours and ours.id):
        yield Item(SET, State.THERE, NOT_NEEDED)
        return
    if ours is None:
        yield Item(SET, State.UNKNOWN, "the run-as user may not look", by_right("ViewSetup", connection))
        return
    if ours.id:
        yield Item(SET, State.THERE)
    else:
        state, mend = _grantable(found, "ManageProfilesPermissionsets", connection)
        yield Item(SET, state, "", mend)
    yield _assignment(found, connection, needed=needed)


def _assignment(found: Found, connection: str, *, needed: bool) -> Item:
    ours = found.permission_set
    if ours and ours.assigned:
        return Item(assignment(found), State.THERE)
    if not needed:
        return Item(assignment(found), State.THERE, NOT_NEEDED)
    state, mend = _grantable(found, "AssignPermissionSets", connection)
    return Item(assignment(found), state, "not assigned", mend and by_hand(found.username))


def _grantable(found: Found, right: str, connection: str) -> tuple[State, str]:
    if found.rights.get(right, True):
        return State.MISSING, ""
    return State.BARRED, by_right(right, connection)
