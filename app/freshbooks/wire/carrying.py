"""What a list says of an invoice that may carry the customer's number for an order."""

from pydantic import AliasChoices, Field

from app.freshbooks.wire.fields import Identifier, Text, Wire


class WireCarrying(Wire):
    """The part of a listed invoice that tells whose it is and which PO number it carries."""

    id: Identifier = Field(validation_alias=AliasChoices("id", "invoiceid"))
    customerid: Identifier
    po_number: Text = ""
