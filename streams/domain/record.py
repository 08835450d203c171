"""Record: the snapshot that was fetched because of an event; the log of record."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

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
from streams.domain.joined import Joined, Share
from streams.domain.message import Value
from streams.domain.snapshot import Client, Gone, Invoice, Payment
from streams.domain.version import Version

Content = Annotated[Client | Invoice | Payment | Gone | Share, Field(discriminator="kind")]


class Record(Value):
    """What FreshBooks said of one object at one moment; or what a joined client's books add to this one's."""

    kind: Literal["record"] = "record"
    id: RecordId
    connection: Connected
    client: ClientId
    object: ObjectKind
    object_id: PositiveId
    version: Version
    read_at: AwareDatetime
    cause: EventId
    snapshot: Content
    whole: bool = False
    """Whether every row of the client is wanted again, not only those that this object concerns."""
    nonce: Nonce = ""
    """Names a demand that rows be sent although Salesforce holds them."""
    joined: Joined | None = None
    """Of a client: whose Account it shares, as decided by then."""

    @property
    def key(self) -> str:
        """Everything of one client shares a key, so its books stay in order."""
        return client_key(self.connection, self.client)

    @property
    def moved_away(self) -> bool:
        """Whether it only says that the object went to another client: what became of it stands there."""
        return isinstance(self.snapshot, Gone) and self.snapshot.moved_to is not None
