"""What an admin must do where our run-as user may not."""

from typing import Final

from app.salesforce.setup.access import SET_LABEL

_RIGHTS: Final = {
    "CustomizeApplication": "Customize Application",
    "ManageProfilesPermissionsets": "Manage Profiles and Permission Sets",
    "AssignPermissionSets": "Assign Permission Sets",
    "ViewSetup": "View Setup and Configuration",
}
LICENCE: Final = (
    "a user of the licence Salesforce Integration needs the permission set licence "
    "Salesforce API Integration first"
)


def by_right(right: str, connection: str) -> str:
    """Return how an admin gets done what needs a user permission that the run-as user lacks."""
    return (
        f"an admin gives the run-as user «{_RIGHTS[right]}» for this one run, or deploys by hand what "
        f"`freshforce setup salesforce {connection} --export FOLDER` writes"
    )


def by_hand(username: str) -> str:
    """Return how an admin assigns the permission set."""
    whom = username or "the run-as user"
    return f"Setup → Permission Sets → {SET_LABEL} → Manage Assignments: add {whom}; {LICENCE}"


def in_setup(sobject: str, name: str, what: str) -> str:
    """Return where an admin changes a field."""
    return f"Setup → Object Manager → {sobject} → Fields & Relationships → {name}: {what}"
