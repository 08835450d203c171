"""What the org works out by itself when a row is written: names, stages, numbers, sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from app.sandbox.salesforce.refusal import Code, refuse
from app.sandbox.salesforce.rows import Row

MONTHS_IN_QUARTER = 3
MONEY_OF_INVOICE = (
    "Balance", "TotalAmount", "TotalAmountWithTax", "TotalChargeAmount",
    "TotalTaxAmount", "NetCreditsApplied", "NetPaymentsApplied",
)  # fmt: skip

PERSONS_ONLY = {
    "FirstName", "LastName", "Salutation", "PersonEmail", "PersonMobilePhone", "PersonTitle",
    "PersonBirthdate", "PersonMailingStreet", "PersonMailingCity", "PersonMailingState",
    "PersonMailingPostalCode", "PersonMailingCountry",
}  # fmt: skip
"""Fields of Account that a business account does not have."""


@dataclass(frozen=True, slots=True)
class Written:
    """A row on its way in: as it was (None: new), what is asked, and as it becomes."""

    old: Row | None
    changes: Row
    new: Row
    now: str
    stages: Mapping[str, Row]


def contact(written: Written) -> None:
    """Join the parts of the name."""
    new = written.new
    first = new.get("FirstName")
    new["Name"] = f"{first} {new['LastName']}" if first else new["LastName"]


def opportunity(written: Written) -> None:
    """Let the stage say what it means, and the amount what to expect."""
    new, old, changes = written.new, written.old, written.changes
    if old is not None and old["HasOpportunityLineItem"]:
        new["Amount"] = old["Amount"]  # the sum of its products; what is asked is not heard
        _refuse_repriced(old, new)
    entered = old is None or old["StageName"] != new["StageName"]
    if entered:
        _enter_stage(written)
    if new.get("Probability") is None or (entered and changes.get("Probability") is None):
        new["Probability"] = written.stages.get(new["StageName"], {}).get("DefaultProbability", 0.0)
    amount = new.get("Amount")
    new["ExpectedRevenue"] = None if amount is None else round(amount * new["Probability"] / 100, 2)
    if "CloseDate" in changes:
        _set_fiscal(new)


def _refuse_repriced(old: Row, new: Row) -> None:
    for name in ("Pricebook2Id", "CurrencyIsoCode"):
        if old.get(name) != new.get(name):
            told = (
                f"field integrity exception: {name} (cannot be changed while there are opportunity products)"
            )
            raise refuse(Code.FIELD_INTEGRITY_EXCEPTION, told, name)


def _enter_stage(written: Written) -> None:
    new, changes = written.new, written.changes
    stage = written.stages.get(new["StageName"], {})
    new["IsClosed"], new["IsWon"] = stage.get("IsClosed", False), stage.get("IsWon", False)
    new["ForecastCategory"] = stage.get("ForecastCategory", "Pipeline")
    if changes.get("ForecastCategoryName") is None:
        new["ForecastCategoryName"] = stage.get("ForecastCategoryName", "Pipeline")
    if written.old is not None:
        new["LastStageChangeDate"] = written.now


def _set_fiscal(new: Row) -> None:
    day = date.fromisoformat(new["CloseDate"])
    quarter = (day.month - 1) // MONTHS_IN_QUARTER + 1
    new |= {"FiscalYear": day.year, "FiscalQuarter": quarter, "Fiscal": f"{day.year} {quarter}"}


def order(written: Written) -> None:
    """Let the status say its category; an order begins as a draft, an active one keeps its account."""
    old, new, changes = written.old, written.new, written.changes
    if old is None and new["Status"] != "Draft":
        told = "Status: Choose a valid order status and save your changes. Ask your admin for details."
        raise refuse(Code.FAILED_ACTIVATION, told, "Status")
    if (
        old is not None
        and old["StatusCode"] != "Draft"
        and changes.get("AccountId", old.get("AccountId")) != old.get("AccountId")
    ):
        raise refuse(
            Code.FIELD_INTEGRITY_EXCEPTION, "The account of an activated order can't be changed.", "AccountId"
        )
    new["StatusCode"] = new["Status"]
    new.setdefault("TotalAmount", 0.0)


def invoice(written: Written) -> None:
    """Begin with no money: amounts come from lines and payments."""
    new = written.new
    new["Status"] = new.get("Status") or "Draft"
    for name in MONEY_OF_INVOICE:
        new.setdefault(name, 0.0)


def person_account(written: Written) -> None:
    """Tell people from companies: an Account with a last name is a person, its Name is joined."""
    old, new, changes = written.old, written.new, written.changes
    is_person = bool(old["IsPersonAccount"]) if old is not None else new.get("LastName") is not None
    new["IsPersonAccount"] = is_person
    if is_person and changes.get("Name") is not None:
        told = "Account: bad field names on insert/update call: Name"
        raise refuse(Code.INVALID_FIELD_FOR_INSERT_UPDATE, told, "Name")
    if old is not None and not is_person and (odd := [name for name in changes if name in PERSONS_ONLY]):
        told = f"Account: bad field names on insert/update call: {', '.join(odd)}"
        raise refuse(Code.INVALID_FIELD_FOR_INSERT_UPDATE, told, *odd)
    if is_person:
        contact(written)
    elif new.get("Name") is None:
        raise refuse(Code.REQUIRED_FIELD_MISSING, "Required fields are missing: [Name]", "Name")


Derive = Callable[[Written], None]
DERIVED: dict[str, Derive] = {
    "Contact": contact,
    "Opportunity": opportunity,
    "Order": order,
    "Invoice": invoice,
}


def derivations(*, person_accounts: bool) -> dict[str, Derive]:
    """Return what is to be worked out, by object."""
    return DERIVED | ({"Account": person_account} if person_accounts else {})
