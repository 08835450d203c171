"""A mapping, ready to use: per object what each field gets, and when there is a row at all."""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, Final

from streams.domain.command import Field, SObject
from streams.mapping.fact import LEFT
from streams.mapping.row import ACCOUNT_KEY, CONTACT_KEY, OPPORTUNITY_KEY
from streams.mapping.subjects import Phase
from streams.mapping.value import Get, Source

KEYS: Final[Map[SObject, str]] = {
    SObject.ACCOUNT: ACCOUNT_KEY,
    SObject.CONTACT: CONTACT_KEY,
    SObject.OPPORTUNITY: OPPORTUNITY_KEY,
}
"""What rows are upserted by."""

NEEDED: Final[Map[SObject, tuple[str, ...]]] = {
    SObject.ACCOUNT: ("Name",),
    SObject.CONTACT: ("LastName", "Account"),
    SObject.OPPORTUNITY: ("Name", "StageName", "CloseDate"),
}
"""What Salesforce takes no row without."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one object's fields get."""

    sobject: SObject
    sources: Map[str, Source]
    when: Source | None
    leave_deleted: bool
    always: tuple[tuple[str, Get], ...]
    perhaps: tuple[tuple[str, Get], ...]

    @classmethod
    def of(
        cls, sobject: SObject, sources: Map[str, Source], when: Source | None, *, leave_deleted: bool
    ) -> "Sheet":
        """Return the sheet with these fields."""
        always = tuple((name, it.get) for name, it in sources.items() if not it.optional)
        perhaps = tuple((name, it.get) for name, it in sources.items() if it.optional)
        return cls(sobject, sources, when, leave_deleted, always, perhaps)

    def wants(self, subject: Any) -> bool:
        """Tell whether there should be a row; what is there already stays as it is."""
        if self.leave_deleted and subject.gone:
            return False
        return self.when is None or self.when.get(subject) is True

    def fields(self, subject: Any) -> dict[str, Field]:
        """Return what the row's fields become."""
        fields: dict[str, Field] = {name: get(subject) for name, get in self.always}
        for name, get in self.perhaps:
            if (value := get(subject)) is not LEFT:
                fields[name] = value
        return fields


@dataclass(frozen=True, slots=True)
class Mapping:
    """All of a mapping file."""

    account: Sheet
    contact: Sheet | None
    opportunity: Sheet | None
    drafts: Source
    stages: Map[Phase, Source]
    stage_of: Map[Phase, Get]
    leaves_deleted_accounts: bool
    follows_client: bool
    """Whether Opportunities show more of their client than its name."""
    hash: str
    """Of what the file says, whatever its order, blanks and remarks."""

    @property
    def sheets(self) -> tuple[Sheet, ...]:
        """The objects that are written, parents first."""
        return tuple(each for each in (self.account, self.contact, self.opportunity) if each is not None)
