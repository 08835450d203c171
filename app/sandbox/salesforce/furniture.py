"""What stands in every org before the first customer: the org's own row, its people, stages, currencies."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files

from app.sandbox.salesforce.ids import IdMint, numbered
from app.sandbox.salesforce.profile import Stage
from app.sandbox.salesforce.rows import Row, Table

Tables = dict[str, Table]

FORECAST_CODES = {"Commit": "Forecast", "Best Case": "BestCase"}


@dataclass(frozen=True, slots=True)
class Users:
    """The ids that everything else refers to."""

    organization: str
    integration: str
    person: str


def furnish(tables: Tables, mint: IdMint, now: str, org: int = 0) -> Users:
    """Put in the org's own row and its people; return who is who. Orgs of different numbers `org` differ."""
    said = tomllib.loads((files(__package__) / "furniture.toml").read_text(encoding="utf-8"))
    users = Users(numbered("00D", org + 1), mint.new("005"), mint.new("005"))
    tables["Organization"].put(_stamped(said["organization"], users.organization, users.person, now))
    for row_id, row in zip((users.integration, users.person), said["users"], strict=True):
        tables["User"].put(_stamped(row, row_id, users.person, now))
    return users


def put_stages(tables: Tables, mint: IdMint, now: str, stages: Iterable[Stage]) -> dict[str, Row]:
    """Put the stages of sales in the place of the ones before; return them by name."""
    table = tables["OpportunityStage"]
    for row_id in list(table.rows):
        table.drop(row_id)
    rows = {
        stage.name: _stamped(_stage(stage, place), mint.new("01J"), "", now)
        for place, stage in enumerate(stages, 1)
    }
    for row in rows.values():
        table.put(row)
    return rows


def put_currencies(tables: Tables, mint: IdMint, currencies: Sequence[str]) -> None:
    """Put in the currencies, the corporate one first, where there is a place for them."""
    table = tables.get("CurrencyType")
    for code in currencies if table else ():
        if table and not table.find("IsoCode", code):
            row = {"IsoCode": code, "ConversionRate": 1.0, "DecimalPlaces": 2, "IsActive": True}
            table.put({"Id": mint.new("01L")} | row | {"IsCorporate": code == currencies[0]})


def put_standard_book(tables: Tables, mint: IdMint, now: str) -> None:
    """Put in the price book that every org has, unless it is there."""
    table = tables["Pricebook2"]
    if not table.rows:
        row = {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True, "IsDeleted": False}
        table.put(_stamped(row, mint.new("01s"), "", now))


def _stage(stage: Stage, place: int) -> Row:
    return {
        "MasterLabel": stage.name, "ApiName": stage.name, "IsActive": True, "SortOrder": place,
        "IsClosed": stage.closed, "IsWon": stage.won, "DefaultProbability": stage.probability,
        "ForecastCategoryName": stage.forecast,
        "ForecastCategory": FORECAST_CODES.get(stage.forecast, stage.forecast),
    }  # fmt: skip


def _stamped(row: Row, row_id: str, by: str, now: str) -> Row:
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now)
    return {"Id": row_id} | row | stamps | dict.fromkeys(("CreatedById", "LastModifiedById"), by or None)
