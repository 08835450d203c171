"""Record: the snapshot that was fetched because of an event; the log of record."""

from typing import Literal

from pydantic import AwareDatetime

from streams.domain.identity import (
    ClientId,
    Connected,
    EventId,
    Nonce,
    ObjectKind,
    PositiveId,
    RecordId,
    client_key,
)
from streams.domain.message import Value
from streams.domain.snapshot import Snapshot
from streams.domain.version import Version


class Record(Value):
    """What FreshBooks said of one object at one moment."""

    kind: Literal["record"] = "record"
    id: RecordId
    connection: Connected
    client: ClientId
    object: ObjectKind
    object_id: PositiveId
    version: Version
    read_at: AwareDatetime
    cause: EventId
    snapshot: Snapshot
    whole: bool = False
    """Whether every row of the client is wanted again, not only those that this object concerns."""
    nonce: Nonce = ""
    """Names a demand that rows be sent although Salesforce holds them."""

    @property
    def key(self) -> str:
        """Everything of one client shares a key, so its books stay in order."""
        return client_key(self.connection, self.client)
