"""What is to become of the lines of one Opportunity: worked out whole before anything of it is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.salesforce.answers.refusals import Refusal
from app.salesforce.answers.results import Outcome
from app.salesforce.found.prices import Key, Wanted
from app.salesforce.found.standing import Sale, Standing
from app.salesforce.shape.describe import Shape
from app.salesforce.shape.fitting import fitted
from streams.domain.command import Figure, Item, Items, SObject
from streams.domain.identity import SalesforceId
from streams.domain.made import made
from streams.mapping.row import LINE_KEY
from streams.ports import Absent, Applied

BOTH: Final = "a person added lines besides ours: Amount is the sum of both"
"""Said in the audit. Theirs are never touched."""

Making = tuple[Item, dict[str, Any]]
"""A line that is to be made, and the record that makes it."""


@dataclass(slots=True)
class Draft:
    """The lines of one Opportunity as they are to become."""

    sale: Sale
    new: list[Making] = field(default_factory=list)
    anew: list[Making] = field(default_factory=list)
    """In the place of lines of the same key, whose product can only be changed so."""
    outgrown: list[SalesforceId] = field(default_factory=list)
    """Those lines."""
    changed: list[Mapping[str, Any]] = field(default_factory=list)
    gone: list[SalesforceId] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    absent: Absent | None = None
    """Why there are to be no lines, where the org cannot hold them."""
    refusal: Refusal | None = None

    @property
    def well(self) -> bool:
        """Whether the org refused nothing of it so far."""
        return self.refusal is None

    @property
    def made(self) -> list[Making]:
        """All lines that need a price."""
        return self.new + self.anew

    @property
    def to_clear(self) -> bool:
        """Whether the Opportunity shows an amount that nothing makes any more: its former lines' sum.

        Where it has no price book it never had lines: then a person typed the amount.
        """
        its_sum = bool(self.sale.book) and self.sale.valued and not self.sale.others
        return self.absent is not None and its_sum

    @property
    def outcome(self) -> Outcome:
        """What became of it."""
        return self.refusal or self.absent or Applied(self.sale.id, created=False, notes=self.notes)

    def refuse(self, outcome: Outcome) -> None:
        """Note the first thing that the org refused."""
        if isinstance(outcome, Refusal) and self.refusal is None:
            self.refusal = outcome

    def priced(self, item: Item) -> Wanted:
        """Return the price that a line needs."""
        return Wanted(item.product, item.name, self.sale.book, self.sale.currency)

    def enter(self, entries: Mapping[Key, SalesforceId | Refusal]) -> None:
        """Let each line that is made be sold by its entry."""
        for item, record in self.made:
            match entries[self.priced(item).key]:
                case Refusal() as refusal:
                    self.refuse(refusal)
                case entry:
                    record["PricebookEntryId"] = entry


def emptied(sale: Sale, absent: Absent) -> Draft:
    """Return the draft that takes all our lines away, and says why."""
    return Draft(sale, gone=[line.id for line in sale.lines.values()], absent=absent)


def drafted(wanted: Items, sale: Sale, shape: Shape) -> Draft:
    """Return what makes the lines of `sale` those that are wanted.

    Raises:
        Misfit: an amount has no room.
    """
    draft = Draft(sale)
    notes = list(_left_alone(sale))
    for item in wanted.items:
        record, cut = _record(item, shape)
        notes += cut
        line, new = sale.lines.get(item.key), {LINE_KEY: item.key, "OpportunityId": sale.id}
        if line is None:
            draft.new.append((item, record | new))
        elif line.product != item.product:
            draft.anew.append((item, record | new))
            draft.outgrown.append(line.id)
        elif not _holds(line, item, record):
            draft.changed.append(record | _without_discount(line, shape) | {"id": line.id})
    wanted_keys = {item.key for item in wanted.items}
    draft.gone = [line.id for key, line in sale.lines.items() if key not in wanted_keys]
    if not (draft.made or draft.changed or draft.gone):
        notes.append("the Opportunity has these lines already")
    draft.notes = tuple(dict.fromkeys(notes))
    return draft


def _left_alone(sale: Sale) -> Iterator[str]:
    if sale.others:
        yield BOTH


def _record(item: Item, shape: Shape) -> tuple[dict[str, Any], tuple[str, ...]]:
    record: dict[str, Any] = {"attributes": {"type": SObject.LINES.value}}
    quantity, price = made(Figure, figure=item.quantity), made(Figure, figure=item.price)
    fields = {"Quantity": quantity, "UnitPrice": price, "Description": item.description or None}
    return record, fitted(fields, shape, record, set())


def _without_discount(line: Standing, shape: Shape) -> dict[str, Any]:
    """Return what takes away a discount that somebody gave: the invoice gave none on this line."""
    given = line.total != line.quantity * line.price
    return {"Discount": None} if given and "Discount" in shape.slots else {}


def _holds(line: Standing, item: Item, record: Mapping[str, Any]) -> bool:
    same = line.quantity == item.quantity and line.price == item.price
    return same and line.total == item.quantity * item.price and line.description == record.get("Description")
