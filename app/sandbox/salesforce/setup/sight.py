"""The org as the integration user meets it: its profile, opened by its permission sets."""

from collections.abc import Iterator, Mapping

from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.schema import SObject
from app.sandbox.salesforce.setup.compounds import granted_as, needs_permission
from app.sandbox.salesforce.setup.grants import Grants

BUSINESS = frozenset(
    (
        "Account",
        "Contact",
        "Opportunity",
        "OpportunityContactRole",
        "Order",
        "OrderItem",
        "Invoice",
        "Product2",
        "Pricebook2",
    )
)
"""Objects that a user of minimum access sees only by a permission set."""
FOLLOWS = {"OpportunityLineItem": ("Opportunity", "Product2"), "PricebookEntry": ("Pricebook2", "Product2")}
"""Objects without a permission of their own: to read one is to read these, to write it to edit the first."""
GRANTING = frozenset(("PermissionSet", "ObjectPermissions", "FieldPermissions"))


def seen_by_api(profile: Profile, objects: Mapping[str, SObject], grants: Grants) -> Profile:
    """Return the profile with what permission sets open, and closed by what the user lacks."""
    hidden = profile.hidden | (frozenset(_closed(objects)) if profile.minimum_access else frozenset())
    shown = _fields(objects, grants.shows)
    writable = _fields(objects, grants.writes)
    bars = _barred(profile)
    return profile.model_copy(
        update={
            "hidden": hidden - shown,
            "read_only": (profile.read_only | ((hidden & shown) - writable)) - writable,
            "cannot_create": profile.cannot_create
            | bars
            | _without(profile, grants.creates | _written(grants)),
            "cannot_edit": profile.cannot_edit | bars | _without(profile, grants.edits | _written(grants)),
        }
    )


def unseen(profile: Profile, grants: Grants) -> frozenset[str]:
    """Return the objects that do not exist for the integration user."""
    setup = GRANTING if "ViewSetup" in profile.lacks else frozenset[str]()
    followers = {name for name, others in FOLLOWS.items() if grants.reads.issuperset(others)}
    return setup | _without(profile, grants.reads | followers)


def _written(grants: Grants) -> frozenset[str]:
    return frozenset(name for name, others in FOLLOWS.items() if others[0] in grants.edits)


def _without(profile: Profile, granted: frozenset[str]) -> frozenset[str]:
    return (BUSINESS | FOLLOWS.keys()) - granted if profile.minimum_access else frozenset()


def _barred(profile: Profile) -> frozenset[str]:
    sets = GRANTING if "ManageProfilesPermissionsets" in profile.lacks else frozenset[str]()
    assigning = {"PermissionSetAssignment"} if "AssignPermissionSets" in profile.lacks else set[str]()
    return sets | assigning


def _closed(objects: Mapping[str, SObject]) -> Iterator[str]:
    """Yield the fields that need a permission: all that may have one."""
    for name in (BUSINESS | FOLLOWS.keys()) & objects.keys():
        yield from (
            f"{name}.{field.name}" for field in objects[name].fields.values() if needs_permission(field)
        )


def _fields(objects: Mapping[str, SObject], granted: frozenset[str]) -> frozenset[str]:
    """Return the fields that are granted by their own name or by that of the whole they belong to."""
    return frozenset(
        f"{name}.{field.name}"
        for name, thing in objects.items()
        if any(each.startswith(f"{name}.") for each in granted)
        for field in thing.fields.values()
        if f"{name}.{granted_as(field)}" in granted
    )
