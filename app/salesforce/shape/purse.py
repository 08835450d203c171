"""Amounts and the org's currencies: none is converted, and none passes for what it is not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, assert_never

from app.salesforce.shape.describe import ISO_CODE, Shape
from app.salesforce.shape.misfit import Misfit
from streams.domain.connection import Connection, ForeignAmount

NOT_ACTIVE: Final = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
"""As Salesforce says of a currency that the org does not have in use."""

FOREIGN: Final = "FOREIGN_AMOUNT"
"""Ours: Salesforce would take it for an amount of its own currency."""


@dataclass(frozen=True, slots=True)
class Purse:
    """The currency of an org that has but one, and what becomes of amounts in another."""

    own: str = "USD"
    foreign: ForeignAmount = ForeignAmount.LEAVE_OUT
    kept: str = ""
    """The currency that one row has, and keeps; empty where the row takes that of its amounts."""

    def of_found(self, row: Mapping[str, Any]) -> "Purse":
        """Return what holds for a row of other people: where the org has several currencies, its own stays.

        An amount in another one is left out of it, whatever the rule: that is for orgs of one currency.
        """
        its = row.get(ISO_CODE)
        return Purse(kept=its) if isinstance(its, str) and its else self

    def takes(self, name: str, currency: str, shape: Shape, into: dict[str, Any]) -> str:
        """Tell whether an amount of `currency` may stand in the field `name`: empty if so, else why not.

        In an org with several currencies the row `into` is given the amount's.

        Raises:
            Misfit: the org does not have that currency in use, or the connection's rule buries such rows.
        """
        own = self.kept or self._own(currency, shape, into)
        if currency == own:
            return ""
        match self.foreign:
            case ForeignAmount.WRITE:
                return ""
            case ForeignAmount.LEAVE_OUT:
                return f"{name}: left out, {currency} where the {'row' if self.kept else 'org'} has {own}"
            case ForeignAmount.DEAD_LETTER:
                raise Misfit(FOREIGN, name, f"amounts in {own}, not in {currency}")
            case never:
                assert_never(never)

    def _own(self, currency: str, shape: Shape, into: dict[str, Any]) -> str:
        return into.setdefault(ISO_CODE, _active(currency, shape)) if shape.many_currencies else self.own


def purse_of(connection: Connection) -> Purse:
    """Return what the connection says of its org's money."""
    return Purse(connection.org_currency, connection.foreign_amount)


def _active(currency: str, shape: Shape) -> str:
    active = shape.slots[ISO_CODE].values
    if active and currency.casefold() not in active:
        raise Misfit(NOT_ACTIVE, ISO_CODE, f"currencies that are in use in the org, not {currency}")
    return currency
