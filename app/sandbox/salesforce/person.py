"""The Contact behind a person account: the org makes it with the Account and keeps both alike."""

from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Code, refuse
from app.sandbox.salesforce.rows import Row

SAME = {
    "FirstName": "FirstName", "LastName": "LastName", "Name": "Name", "Email": "PersonEmail",
    "MobilePhone": "PersonMobilePhone", "Title": "PersonTitle", "Phone": "Phone",
}  # fmt: skip
STAMPS = ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "OwnerId")


def contact_of(org: Org, account: Row) -> Row:
    """Return the Contact row that belongs to a person's Account row, new or changed with it."""
    known = org.tables["Contact"].get(account.get("PersonContactId") or "")
    row = (
        dict(known) if known else {"Id": org.mint.new("003"), "IsDeleted": False, "AccountId": account["Id"]}
    )
    row |= {name: account[name] for name in STAMPS} | {"IsPersonAccount": True}
    return row | {name: account.get(source) for name, source in SAME.items()}


def refuse_under_person(org: Org, contact: Row) -> None:
    """Let a Contact pass that hangs under a company, or under nothing.

    Raises:
        Refusal: its Account is a person, which is its own Contact.
    """
    account = org.tables["Account"].get(contact.get("AccountId") or "")
    if account and account.get("IsPersonAccount") and account.get("PersonContactId") != contact["Id"]:
        told = "A contact cannot be associated with a person account."
        raise refuse(Code.FIELD_INTEGRITY_EXCEPTION, told, "AccountId")
