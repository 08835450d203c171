"""What an admin laid over the org, and what is made to go wrong with rows: data, set backstage."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.sandbox.salesforce.refusal import UNEXPECTED, Code

LOCK_MESSAGE = "unable to obtain exclusive access to this record"


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ValidationRule(_Rule):
    """Refuses a row that meets a condition, written as after WHERE (FIELD_CUSTOM_VALIDATION_EXCEPTION)."""

    sobject: str
    refuse_when: str
    message: str
    field: str | None = None
    """The field the message stands at; none: at the top of the page."""


class DuplicateRule(_Rule):
    """Refuses a new row (DUPLICATES_DETECTED) that agrees with another in all of `fields`."""

    sobject: str
    fields: Annotated[tuple[str, ...], Field(min_length=1)]
    name: str = "Standard_Rule"
    message: str = "Use one of these records?"
    allow_save: bool = True
    """Whether a writer may save nevertheless (`Sforce-Duplicate-Rule-Header: allowSave=true`)."""


class RowTrouble(_Rule):
    """Refuses some rows of a request for a while; without `code` as a lock does."""

    sobject: str
    rows: Annotated[int, Field(ge=1)] | Literal["all"] = "all"
    """How many rows of each request, chosen by chance."""
    times: Annotated[int, Field(ge=1)] | None = None
    """How many requests it strikes; none: until it is taken away."""
    code: str = Code.UNABLE_TO_LOCK_ROW
    message: str = LOCK_MESSAGE
    fields: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()
    """Strike only rows with these external ids (or ids)."""


class Poison(_Rule):
    """Refuses a whole request when one of its rows holds a value, whatever the other rows are."""

    sobject: str
    field: str
    value: Any
    code: str = Code.UNKNOWN_EXCEPTION
    message: str = UNEXPECTED
    status: Annotated[int, Field(ge=400, le=599)] = 400


class Rules(_Rule):
    """Everything in force."""

    validation: tuple[ValidationRule, ...] = ()
    duplicates: tuple[DuplicateRule, ...] = ()
    trouble: tuple[RowTrouble, ...] = ()
    poison: tuple[Poison, ...] = ()
