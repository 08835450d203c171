"""A mapping, ready to use: per object what each field gets, and when there is a row at all."""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from streams.domain.command import STAGE, Field, Phase, SObject, Stage
from streams.domain.made import made
from streams.mapping.fact import LEFT
from streams.mapping.row import ACCOUNT_KEY, BY_OPPORTUNITY, CONTACT_KEY, NOTHING, OPPORTUNITY_KEY
from streams.mapping.value import Get, Source

KEYS: Final[Map[SObject, str]] = {
    SObject.ACCOUNT: ACCOUNT_KEY,
    SObject.CONTACT: CONTACT_KEY,
    SObject.OPPORTUNITY: OPPORTUNITY_KEY,
    SObject.ORDER: BY_OPPORTUNITY,
}
"""What rows are upserted by; an Order is found by it."""

NEEDED: Final[Map[SObject, tuple[str, ...]]] = {
    SObject.ACCOUNT: ("Name",),
    SObject.CONTACT: ("LastName", "Account"),
    SObject.OPPORTUNITY: ("Name", "StageName", "CloseDate"),
    SObject.ORDER: (),
}
"""What Salesforce takes no row without."""

SUMS: Final = "sums."
"""How the names of facts begin that move with every invoice of a client."""

OF_INVOICES: Final = frozenset({SObject.OPPORTUNITY, SObject.ORDER})
"""Objects whose rows are about an invoice; those of the others are about a client."""

PERSONS: Final = "person_account"
"""The table for clients whose Account is a person."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one object's fields get."""

    sobject: SObject
    sources: Map[str, Source]
    when: Source | None
    leave_deleted: bool
    always: tuple[tuple[str, Get], ...]
    perhaps: tuple[tuple[str, Get], ...]
    create: Map[str, Source]
    """What a row gets besides when it is made."""
    table: str
    """The table of the file that says all this."""

    @classmethod
    def of(
        cls,
        sobject: SObject,
        sources: Map[str, Source],
        create: Map[str, Source],
        when: Source | None,
        *,
        leave_deleted: bool,
    ) -> "Sheet":
        """Return the sheet with these fields."""
        always = tuple((name, _staged(name, it.get)) for name, it in sources.items() if not it.optional)
        perhaps = tuple((name, it.get) for name, it in sources.items() if it.optional)
        table = sobject.value.lower()
        return cls(sobject, sources, when, leave_deleted, always, perhaps, create, table)

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields that no row is taken without."""
        return (*NEEDED[self.sobject], "LastName") if self.table == PERSONS else NEEDED[self.sobject]

    @property
    def tables(self) -> tuple[tuple[str, Map[str, Source]], ...]:
        """The tables of the file that say what fields get, by their names."""
        return ("fields", self.sources), ("create", self.create)

    def shows_sums(self, name: str) -> bool:
        """Tell whether a field shows something of how the client stands with us."""
        return any(fact.name.startswith(SUMS) for fact in self.sources[name].facts)

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

    def defaults(self, subject: Any) -> dict[str, Field]:
        """Return what the row gets besides when it is made; what nothing is known for stays the org's."""
        if not self.create:
            return NOTHING
        found = ((name, source.get(subject)) for name, source in self.create.items())
        return {name: value for name, value in found if value is not None and value is not LEFT}


def _staged(name: str, get: Get) -> Get:
    """Let what a sale's stage is called say, too, how far the sale is."""
    if name != STAGE:
        return get

    def staged(it: Any) -> Any:
        called = get(it)
        return made(Stage, phase=it.phase, name=called) if type(called) is str else called

    return staged


class Links(NamedTuple):
    """How Opportunities show Salesforce's own Invoices."""

    by: str
    """BY_REFERENCE, or BY_NUMBER where no Invoice refers to the Order."""
    clears: bool
    """Whether the link is taken away when the invoice is not paid any more."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """All of a mapping file."""

    account: Sheet
    person_account: Sheet | None
    """What the Account of a person gets instead, where the org has person accounts."""
    contact: Sheet | None
    opportunity: Sheet | None
    order: Sheet | None
    orders_by: str
    """What Orders are found by: BY_OPPORTUNITY, or BY_PO_NUMBER where that finds none."""
    invoice: Links | None
    lines: bool
    """Whether Opportunities get the lines of their invoices."""
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
        sheets = (self.account, self.person_account, self.contact, self.opportunity, self.order)
        return tuple(each for each in sheets if each is not None)

    def drafted(self, sale: Any) -> bool:
        """Tell whether a sale is a draft that has no rows yet."""
        return sale.invoice.draft and self.drafts.get(sale) is not True

    def persons(self, subject: Any) -> Sheet | None:
        """Return what the Account of a client gets that is to be a person account; None for any other."""
        sheet = self.person_account
        return sheet if sheet and sheet.when and sheet.when.get(subject) is True else None
