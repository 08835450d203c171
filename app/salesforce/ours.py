"""The names of the custom fields that we ask an org to have; `setup.fields` says all about each."""

from collections.abc import Mapping
from typing import Final

from app.salesforce.setup.fields import declared
from streams.domain.command import USUAL, SObject

KEYS: Final[Mapping[SObject, str]] = {
    sobject: field.name for sobject in USUAL for field in declared(sobject) if field.key
}
"""Unique external ids: without its key nothing of an object can be written."""

FIELDS: Final[Mapping[SObject, tuple[str, ...]]] = {
    sobject: tuple(field.name for field in declared(sobject) if not field.key and not field.only_with)
    for sobject in USUAL
}
"""Fields that rows are written without where the org lacks them."""
