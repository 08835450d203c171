"""What stands in every org before the first customer: the org's own row, its people, stages, currencies."""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

from app.sandbox.salesforce.profile import Stage
from app.sandbox.salesforce.rows import Row

if TYPE_CHECKING:
    from app.sandbox.salesforce.org import Org

FORECAST_CODES = {"Commit": "Forecast", "Best Case": "BestCase"}


@dataclass(frozen=True, slots=True)
class Users:
    """The ids that everything else refers to."""

    organization: str
    integration: str
    person: str


def furnish(org: "Org") -> Users:
    """Put in the org's own row and its people; return who is who."""
    said = tomllib.loads((files(__package__) / "furniture.toml").read_text(encoding="utf-8"))
    users = Users(org.mint.new("00D"), org.mint.new("005"), org.mint.new("005"))
    org.tables["Organization"].put(_stamped(org, said["organization"], users.organization, users.person))
    for row_id, row in zip((users.integration, users.person), said["users"], strict=True):
        org.tables["User"].put(_stamped(org, row, row_id, users.person))
    return users


def stages_of(org: "Org") -> dict[str, Row]:
    """Put the profile's stages in the place of the ones before; return them by name."""
    table = org.tables["OpportunityStage"]
    for row_id in list(table.rows):
        table.drop(row_id)
    stages = {stage.name: _stage(org, stage, place) for place, stage in enumerate(org.profile.stages, 1)}
    for row in stages.values():
        table.put(row)
    return stages


def put_currencies(org: "Org") -> None:
    """Put in the profile's currencies, where there is a place for them."""
    table = org.tables.get("CurrencyType")
    for code in org.profile.currencies if table else ():
        if table and not table.find("IsoCode", code):
            corporate = code == org.profile.currencies[0]
            row = {"IsoCode": code, "ConversionRate": 1.0, "DecimalPlaces": 2, "IsActive": True}
            table.put({"Id": org.mint.new("01L")} | row | {"IsCorporate": corporate})


def _stage(org: "Org", stage: Stage, place: int) -> Row:
    row = {
        "MasterLabel": stage.name, "ApiName": stage.name, "IsActive": True, "SortOrder": place,
        "IsClosed": stage.closed, "IsWon": stage.won, "DefaultProbability": stage.probability,
        "ForecastCategoryName": stage.forecast,
        "ForecastCategory": FORECAST_CODES.get(stage.forecast, stage.forecast),
    }  # fmt: skip
    return _stamped(org, row, org.mint.new("01J"), "")


def _stamped(org: "Org", row: Row, row_id: str, by: str) -> Row:
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), org.now)
    return {"Id": row_id} | row | stamps | dict.fromkeys(("CreatedById", "LastModifiedById"), by or None)
