"""The objects that an org is set up for: those of our rows, and what lines of Opportunities are sold by."""

from enum import StrEnum
from typing import Final

from streams.domain.command import USUAL, SObject


class Shop(StrEnum):
    """What lines are sold by. Entries of price books have no permission of their own: they follow both."""

    PRODUCT = "Product2"
    BOOK = "Pricebook2"


Thing = SObject | Shop

LINED: Final[tuple[Thing, ...]] = (SObject.LINES, *Shop)
"""What only line items need."""

EVERY: Final[tuple[Thing, ...]] = (*USUAL, *LINED)
"""All that an org may be set up for, parents first."""
