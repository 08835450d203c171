"""What an Opportunity in the org says of its stage."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from app.salesforce.care.people import IS_PERSON
from app.salesforce.care.person import There
from app.salesforce.care.stages import Stages
from app.salesforce.rows.row import Worn
from app.salesforce.shape.describe import AMOUNT, ISO_CODE, Shape
from streams.domain.command import STAGE, Figure, SObject
from streams.domain.connection import Stages as Names
from streams.mapping.row import STAGE_BEFORE, STAGE_OURS

HAS_LINES: Final = "HasOpportunityLineItem"
COLUMNS: Final = {
    SObject.OPPORTUNITY: (STAGE, "IsClosed", HAS_LINES, STAGE_OURS, STAGE_BEFORE),
    SObject.ACCOUNT: (IS_PERSON,),
}
"""What is looked at; of other objects only whether the row is there."""


def there_of(seen: Mapping[str, Any], shape: Shape, stages: Stages, ours: str, names: Names) -> There:
    """Return an Opportunity that was looked at, as stage care sees it.

    Where the org lacks our own fields, `ours` (what this process wrote last) stands for them, and the names
    that the connection has for open invoices: so a person's stage is rather kept than overwritten.
    """
    stage = str(seen.get(STAGE) or "")
    if STAGE_OURS not in shape.slots:
        mine = ours or (stage if stage in {names.draft, names.invoiced} else "")
        return There(stage, _closed(seen, stage, stages), mine or None, None)
    return There(
        stage,
        _closed(seen, stage, stages),
        seen.get(STAGE_OURS) or None,
        _usable(seen.get(STAGE_BEFORE), stages),
    )


def unpriced(worn: Worn, shape: Shape) -> Worn:
    """Return what is written of an Opportunity with products: not the amount, which is their sum.

    Its currency is, where the org has several: Salesforce would leave it as it was.
    """
    fields = dict(worn.fields)
    if (amount := fields.pop(AMOUNT, None)) is None:
        return worn
    if shape.many_currencies and isinstance(amount, Figure) and amount.currency:
        fields[ISO_CODE] = amount.currency
    note = f"{AMOUNT}: left to the Opportunity's products, whose sum it is"
    return replace(worn, fields=fields, notes=(*worn.notes, note))


def _closed(seen: Mapping[str, Any], stage: str, stages: Stages) -> bool:
    said, known = seen.get("IsClosed"), stages.named(stage)
    return said if isinstance(said, bool) else known is not None and known.closed


def _usable(before: Any, stages: Stages) -> str | None:
    """Return the stage from before, unless the org does not have it as an open one any more."""
    if not isinstance(before, str) or not before:
        return None
    known = stages.named(before)
    if stages.known and (known is None or known.closed):
        return None
    return before
