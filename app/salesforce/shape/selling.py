"""Whether an org can take the lines of invoices: what they need besides all that any Opportunity does."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, NamedTuple, Protocol

from app.salesforce.shape.describe import shape_of
from streams.domain.errors import Misconfigured
from streams.mapping.row import LINE_KEY, PRODUCT_KEY


class Lack(NamedTuple):
    """Something that keeps lines from being written."""

    sobject: str
    says: str
    mend: str


class Describes(Protocol):
    """Salesforce, as far as it is asked here."""

    async def describe(self, sobject: str) -> Mapping[str, Any]:
        """Return what Salesforce says of an object; Misconfigured when it is not there for us."""
        ...


_KEYS: Final = {"OpportunityLineItem": LINE_KEY, "Product2": PRODUCT_KEY, "PricebookEntry": ""}
"""What we make, and the external id that it needs; an entry is found by product, price book and currency."""
_SETUP: Final = "freshforce setup salesforce NAME --lines"


async def lacks(org: Describes) -> AsyncIterator[Lack]:
    """Yield what the org lacks, object by object.

    Raises:
        Unreachable, RateLimited: try again later.
    """
    for sobject, key in _KEYS.items():
        try:
            described = await org.describe(sobject)
        except Misconfigured:
            yield Lack(sobject, "the run-as user does not see the object: no lines are written", _SETUP)
            continue
        shape = shape_of(described)
        if key and key not in shape.keys & shape.slots.keys():
            says = f"external id {key} is absent, hidden or read-only: no lines are written"
            yield Lack(sobject, says, _SETUP)
        if described.get("createable") is False:
            yield Lack(sobject, "the run-as user may not create: no lines are written", _SETUP)
