"""A profile: what kind of org the sandbox is, and how it behaves where the documentation leaves a choice."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Setting

from app.sandbox.salesforce.rules import Rules
from app.sandbox.salesforce.schema import Declared, Field, SObject, layer, overlaid

WITH_CURRENCY = ("Account", "Contact", "Opportunity", "Order", "Invoice", "Product2")
CURRENCY_FOR_GOOD = {"PricebookEntry": "create only", "OpportunityLineItem": "derived"}
"""Where a row keeps the currency it began with; a line has that of its Opportunity."""
INVOICE_LAYER = {"order-management": "invoice_order_management", "billing": "invoice_billing"}


class Stage(BaseModel):
    """One stage of sales and what it means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    probability: float
    closed: bool = False
    won: bool = False
    forecast: str = "Pipeline"
    """The forecast category by its name; the code is the same without spaces, but for Commit: Forecast."""


class Profile(BaseModel):
    """The switches of one org. A field is named `Account.Phone`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    summary: str = ""
    # what there is
    prepared: bool = False
    person_accounts: bool = False
    orders: bool = True
    line_items: bool = False
    """Whether a prepared org has the fields for lines of invoices, too."""
    invoice: Literal["absent", "order-management", "billing"] = "absent"
    currencies: tuple[str, ...] = ("USD",)
    """The first is the corporate currency; more than one: `CurrencyIsoCode` exists."""
    stages: tuple[Stage, ...] = Setting(default_factory=lambda: _default_stages())  # noqa: PLW0108 - defined below
    added: Declared = Setting(default_factory=dict)
    """Further fields that an admin added, in the form of the files in `objects/`."""
    rules: Rules = Rules()
    """What an admin laid over a new org; from then on the backstage says what is in force."""
    # what the integration user may do
    hidden: frozenset[str] = frozenset()
    """Fields without permission: the API speaks as if they did not exist."""
    read_only: frozenset[str] = frozenset()
    cannot_create: frozenset[str] = frozenset()
    """Objects without the Create permission."""
    cannot_edit: frozenset[str] = frozenset()
    """Objects without the Edit permission."""
    minimum_access: bool = False
    """The user's profile grants no object and no field: permission sets must."""
    lacks: frozenset[str] = frozenset()
    """User permissions that the user does not have, such as `CustomizeApplication`; all others he has."""
    # how fields are declared
    required: frozenset[str] = frozenset()
    restricted: frozenset[str] = frozenset()
    unique: dict[str, bool] = Setting(default_factory=dict)
    case_sensitive: dict[str, bool] = Setting(default_factory=dict)
    # what the documentation leaves open
    unknown_field: Literal["row", "request"] = "row"
    """Whether a row's unknown field refuses that row or the whole request."""
    wrong_type: Literal["row", "request"] = "request"
    """The same for a value of the wrong JSON type, which the real org meets while it parses."""
    numbers_as_text: Literal["refused", "accepted"] = "refused"
    key_in_body: Literal["refused", "accepted"] = "refused"
    blank: Literal["null", "kept"] = "null"
    """What an empty string becomes."""
    doubled_keys: Literal["all", "later"] = "all"
    """Which rows of a request fail when they name the same external id."""
    page: int = 2000
    """Rows per answer of a query at most."""

    @classmethod
    def named(cls, name: str) -> Self:
        """Return the shipped profile of that name.

        Raises:
            KeyError: there is none.
        """
        return cls.model_validate(_shipped()[name])

    def with_(self, **switches: object) -> Self:
        """Return the same org with some switches set otherwise."""
        return type(self).model_validate(self.model_dump() | switches)

    def objects(self) -> dict[str, SObject]:
        """Return the objects of this org, as its admin sees them, by name."""
        whole = overlaid(self._layers())
        return {name: self._adjusted(SObject.declared(name, said)) for name, said in whole.items()}

    def _layers(self) -> Iterator[Declared]:
        yield from map(layer, ("org", "account", "contact", "opportunity", "products", "setup"))
        if self.orders:
            yield layer("order")
        if self.invoice != "absent":
            yield layer(INVOICE_LAYER[self.invoice])
        if self.person_accounts:
            yield layer("person_accounts")
        if len(self.currencies) > 1:
            yield layer("multi_currency")
        if self.prepared:
            yield layer("prepared")
            yield from [layer("prepared_orders")] if self.orders else []
            yield from [layer("prepared_invoices")] if self.invoice != "absent" else []
            yield from [layer("prepared_lines")] if self.line_items else []
        yield self.added

    def _adjusted(self, thing: SObject) -> SObject:
        changed = [self._as_declared(thing.name, field) for field in thing.fields.values()]
        access = CURRENCY_FOR_GOOD.get(thing.name) or ("optional" if thing.name in WITH_CURRENCY else None)
        if len(self.currencies) > 1 and access is not None:
            changed.append(_currency_field(self.currencies, access))
        return thing.with_fields(changed)

    def _as_declared(self, owner: str, field: Field) -> Field:
        name = f"{owner}.{field.name}"
        stages = tuple(stage.name for stage in self.stages)
        return replace(
            field,
            values=stages if name == "Opportunity.StageName" else field.values,
            nillable=field.nillable and name not in self.required,
            restricted=field.restricted or name in self.restricted,
            unique=self.unique.get(name, field.unique),
            case_sensitive=self.case_sensitive.get(name, field.case_sensitive),
        )


def profile_names() -> tuple[str, ...]:
    """Return the names of the shipped profiles."""
    return tuple(_shipped())


def _shipped() -> dict[str, Declared]:
    return tomllib.loads((files(__package__) / "profiles.toml").read_text(encoding="utf-8"))


def _default_stages() -> tuple[Stage, ...]:
    said = tomllib.loads((files(__package__) / "furniture.toml").read_text(encoding="utf-8"))
    return tuple(Stage.model_validate(stage) for stage in said["stages"])


def _currency_field(currencies: tuple[str, ...], access: str) -> Field:
    said = {"label": "Currency ISO Code", "type": "picklist", "length": 3, "access": access}
    return Field.declared(
        "CurrencyIsoCode", said | {"restricted": True, "values": currencies, "defaulted": True}
    )
