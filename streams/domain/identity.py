"""Names and ids: who is meant, and ids that a repeat of the same cause gets again."""

from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, NewType

from pydantic import Field

ConnectionName = NewType("ConnectionName", str)
AccountId = NewType("AccountId", str)
ClientId = NewType("ClientId", int)
ObjectId = NewType("ObjectId", int)
EventId = NewType("EventId", str)
RecordId = NewType("RecordId", str)
CommandId = NewType("CommandId", str)
AuditId = NewType("AuditId", str)
SalesforceId = NewType("SalesforceId", str)

CONNECTION_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
"""A connection's name is part of keys, paths and file names; so it stays plain."""

Connected = Annotated[ConnectionName, Field(pattern=CONNECTION_PATTERN)]
Nonce = Annotated[str, Field(pattern=r"^([0-9a-f]{16})?$")]
"""A later demand has a greater one."""
_LARGEST = 2**63
PositiveId = Annotated[int, Field(gt=0, lt=_LARGEST)]


def demanded_at(moment: datetime) -> Nonce:
    """Return the demand made at an aware moment; it is greater than all that were made before."""
    return f"{int(moment.timestamp()):010x}{moment.microsecond:06x}"


class ObjectKind(StrEnum):
    """The FreshBooks objects that we carry."""

    CLIENT = "client"
    INVOICE = "invoice"
    PAYMENT = "payment"


def digest(*parts: str) -> str:
    """Return the id of what `parts` together name: 32 hex digits, the same for the same parts.

    Parts are joined with their lengths, so that ("a", "bc") and ("ab", "c") differ. 128 bits
    make a chance collision among 10^12 ids less likely than 10^-14.
    """
    text = "".join([f"{len(part)}:{part}" for part in parts])
    return blake2b(text.encode(), digest_size=16).hexdigest()


def object_key(connection: ConnectionName, kind: ObjectKind, object_id: int) -> str:
    """Return the key that all events of one FreshBooks object share, hence their order."""
    return f"{connection}:{kind.value}:{object_id}"


def client_key(connection: ConnectionName, client: ClientId) -> str:
    """Return the key that everything of one client shares from the records on."""
    return f"{connection}:{client}"


def number_in(external_id: str) -> int | None:
    """Return the number of the FreshBooks object that an external id names; None of a made-up one."""
    number = external_id.rpartition(":")[2]
    return int(number) if number.isascii() and number.isdigit() and 0 < int(number) < _LARGEST else None


def client_of(key: str) -> ClientId:
    """Return the client whose key this is."""
    return ClientId(int(key.rpartition(":")[2]))
