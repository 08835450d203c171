"""An example of an object's rows, as this very org would be sent it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from app.salesforce.shape.describe import ISO_CODE, Shape
from app.salesforce.shape.fitting import fitted
from app.salesforce.shape.misfit import Misfit
from app.salesforce.shape.purse import Purse
from streams.domain.command import Field
from streams.domain.connection import ForeignAmount
from streams.mapping.gallery import subjects, wanted
from streams.mapping.rules import Rules
from streams.mapping.sheet import OF_INVOICES, Sheet


@dataclass(frozen=True, slots=True)
class Example:
    """The row of a made-up client or invoice."""

    sent: Mapping[str, Field]
    left_out: Mapping[str, Field]
    """What the mapping gives, and the org does not take."""
    notes: tuple[str, ...] = ()
    """What was cut or emptied, in words."""


NONE: Final = Example({}, {})
"""Where there is no row to show."""


def example(rules: Rules, sheet: Sheet, shape: Shape) -> Example:
    """Return the row of the first of the made-up ones that gets one; an invoice is in the org's currency."""
    own, foreign = rules.terms.treat
    purse = Purse(own, ForeignAmount(foreign))
    for _, subject in subjects(rules.mapping, sheet, rules.terms):
        if wanted(rules.mapping, sheet, subject):
            its = _in_currency(subject, _own(shape, purse)) if sheet.sobject in OF_INVOICES else subject
            return _fitted({**sheet.defaults(its), **sheet.fields(its)}, shape.for_new, purse)
    return NONE


def _fitted(fields: Mapping[str, Field], shape: Shape, purse: Purse) -> Example:
    sent: dict[str, Field] = {}
    left_out: dict[str, Field] = {}
    notes: tuple[str, ...] = ()
    for name, value in fields.items():
        into: dict[str, Any] = {}
        try:
            notes += fitted({name: value}, shape, into, set(), purse)
        except Misfit:  # a finding says so: the whole row would be a dead letter
            into.clear()
        if name != ISO_CODE and ISO_CODE in into:
            sent[ISO_CODE] = into.pop(ISO_CODE)
        if into:
            sent[name] = _as_sent(value, *into.values())
        elif value is not None:
            left_out[name] = value
    return Example(sent, left_out, notes)


def _as_sent(value: Field, written: object) -> Field:
    """Return a value as it was fitted: emptied, cut, or as it is."""
    if written is None:
        return None
    return written if isinstance(value, str) and isinstance(written, str) else value


def _own(shape: Shape, purse: Purse) -> str:
    """Return a currency that the org has in use: its own one, where it may have it."""
    active = shape.slots[ISO_CODE].values if shape.many_currencies else frozenset()
    return purse.own if not active or purse.own.casefold() in active else min(active).upper()


def _in_currency(sale: Any, currency: str) -> Any:
    return replace(sale, invoice=sale.invoice._replace(currency=currency))
