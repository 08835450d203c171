"""What the integration user may do beyond rows, as `UserPermissionAccess` shows it."""

from typing import TYPE_CHECKING

from app.sandbox.salesforce.rows import Table

if TYPE_CHECKING:
    from app.sandbox.salesforce.profile import Profile

ONLY_ROW = "0uPFr0000000001AAA"


def put_rights(table: Table, profile: "Profile") -> None:
    """Put in the one row that says which user permissions the asking user has."""
    names = [name for name in table.thing.fields if name.startswith("Permissions")]
    table.put(
        {"Id": ONLY_ROW} | {name: name.removeprefix("Permissions") not in profile.lacks for name in names}
    )
