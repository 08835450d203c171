"""Command: what one Salesforce row should become."""

from collections.abc import Mapping
from enum import StrEnum
from operator import not_
from typing import Annotated, Final, Literal, TypeAlias

import pydantic
from pydantic import AwareDatetime, SerializeAsAny

from streams.domain.identity import ClientId, CommandId, Connected, Nonce, RecordId, client_key
from streams.domain.message import Value
from streams.domain.money import Amount, Currency


class SObject(StrEnum):
    """The Salesforce objects we write, parents before children."""

    ACCOUNT = "Account"
    CONTACT = "Contact"
    OPPORTUNITY = "Opportunity"
    ORDER = "Order"
    INVOICE = "Invoice"
    """Salesforce's own, of Order Management or Billing."""
    LINES = "OpportunityLineItem"
    """All lines of one Opportunity together: one row here, several there."""


RANK: Final = {sobject: rank for rank, sobject in enumerate(SObject)}
"""Parents before children."""

OPTIONAL: Final = frozenset({SObject.ORDER, SObject.INVOICE})
"""Objects that an org may be without; their rows are found and updated, never made."""

ON_REQUEST: Final = frozenset({SObject.LINES})
"""Objects that are written only where the mapping asks for them; no org is set up for them unasked."""

FOUND: Final = OPTIONAL | ON_REQUEST
"""Objects whose rows hang on an Opportunity: they are found by it, and follow it wherever it goes."""

USUAL: Final = tuple(each for each in SObject if each not in ON_REQUEST)
"""The objects that every org is set up for and looked at for, parents first."""

OF_INVOICE: Final = (SObject.OPPORTUNITY, SObject.LINES, SObject.ORDER, SObject.INVOICE)
"""Objects whose rows are an invoice's, under its external id, and go to another client with it."""

BY_CLIENT: Final = "Account.FreshBooks_Client_Id__c"
"""External id field of an Account that is not its client's to make: another one's, or one that it left."""

Phase: TypeAlias = Literal["draft", "invoiced", "won", "lost"]
"""How far a sale is; the mapping gives each its stage."""


class Figure(Value):
    """A number field: written to Salesforce as a JSON number, kept as text here."""

    figure: Amount
    currency: Currency | None = None
    """What it is an amount of; None for a plain number."""


class Lookup(Value):
    """A reference to a parent row by its external id, so that no Salesforce id is needed."""

    external_id_field: str
    external_id: str


class Stage(Value):
    """The stage of a sale: how far it is, and what the mapping calls that.

    Whether it is written depends on what a person has made of the row meanwhile.
    """

    phase: Phase
    name: str


class Item(Value):
    """One line of a sale: so many of a product at the invoiced price; the two multiply to whole cents."""

    key: str
    """External id of the line."""
    product: str
    """External id of its product."""
    name: str
    """What the product is called, should it have to be made."""
    quantity: Amount
    price: Amount
    description: str = ""


class Items(Value):
    """All lines of a sale; those of ours that are not among them are to go."""

    currency: Currency
    items: tuple[Item, ...]


STAGE: Final = "StageName"
"""The field that holds a Stage."""

Field = str | bool | Figure | Lookup | Stage | Items | None
"""None clears the field, an absent field is left alone. A Lookup stands under its relationship's name."""


class Command(Value):
    """Make the row of type `sobject` with this external id hold `fields`."""

    kind: Literal["command"] = "command"
    id: CommandId
    connection: Connected
    client: ClientId
    sobject: SObject
    external_id_field: str
    external_id: str
    version: int
    """The revision of the client's books that this row shows; a lower one never overwrites a higher one."""
    content: str
    """Hash of `fields`: equal content needs no call."""
    mapping: str
    """Version (hash) of the mapping that derived the row."""
    cause: RecordId
    read_at: AwareDatetime
    """When the causing record was read from FreshBooks."""
    fields: dict[str, SerializeAsAny[Field]]
    """Written as what each value is: to try the types of `Field` in turn costs twice as much."""
    defaults: dict[str, SerializeAsAny[Field]] = {}  # noqa: RUF012 - pydantic copies it
    """Written beside `fields` only where the row is not there yet; no part of `content`."""
    members: tuple[ClientId, ...] = ()
    """Of an Account: the other clients that share it, whose rows depend on it; no part of `content`."""
    nonce: Nonce = ""
    """Names a demand that the row be sent, once, although Salesforce holds its content."""
    waived: Annotated[bool, pydantic.Field(exclude_if=not_)] = False
    """A person discarded it after it failed: nothing is sent, and what waits behind it goes on.

    Left out of the bytes while it is false, so that a worker of an earlier version can read them.
    """

    def after(self, older: Mapping[str, Field], nonce: Nonce = "") -> "Command":
        """Return the command that leaves the row as if `older` fields had been written just before it.

        That is what becomes of an older state whose place it takes: what it leaves alone must not be lost,
        nor the demand that was made of that one.
        """
        fields = self.fields if older.keys() <= self.fields.keys() else {**older, **self.fields}
        if fields is self.fields and nonce <= self.nonce:
            return self
        return self.model_copy(update={"fields": fields, "nonce": max(nonce, self.nonce)})

    @property
    def key(self) -> str:
        """Everything of one client shares a key."""
        return client_key(self.connection, self.client)

    @property
    def optional(self) -> bool:
        """Whether the row is found and updated, never made: it may not be there."""
        return self.sobject in FOUND or self.external_id_field == BY_CLIENT

    @property
    def seeks(self) -> bool:
        """Whether it only asks for the Account of another client, without which this one's rows cannot be."""
        return self.external_id_field == BY_CLIENT and not self.external_id.endswith(f":{self.client}")

    @property
    def yields(self) -> bool:
        """Whether its invoice went to another client: it asks for nothing, and ends what did.

        No mapping makes an Opportunity without fields: name, stage and close date are never left out.
        """
        return self.sobject is SObject.OPPORTUNITY and not self.fields

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows that it has the word on: its own; of an invoice that went to another client, all."""
        if not self.yields:
            return (self.row,)
        return (self.row, *self.found)

    @property
    def found(self) -> tuple[str, ...]:
        """Of an Opportunity: the rows that are found by it, and hang on it."""
        return tuple(f"{self.key}:{it.value}:{self.external_id}" for it in OF_INVOICE if it in FOUND)

    @property
    def lines(self) -> str:
        """Of an Opportunity: the row that all its lines are; of any other the name of none."""
        return (
            f"{self.key}:{SObject.LINES.value}:{self.external_id}"
            if self.sobject is SObject.OPPORTUNITY
            else ""
        )

    @property
    def row(self) -> str:
        """The one Salesforce row meant, as this client's books have it, across time.

        An invoice that went to another client is another row here, though not in Salesforce: versions of
        different books cannot be compared.
        """
        return f"{self.key}:{self.sobject.value}:{self.external_id}"
