"""Replay: a stretch of the log that is to be worked off once more, and how far that has come."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from streams.domain.identity import Connected
from streams.domain.message import Value

Offset = Annotated[int, Field(ge=0)]
Who = Annotated[str, Field(max_length=200)]
"""A person, as the audit names him; empty: not known."""


class Source(StrEnum):
    """From where a replay begins: what is read again."""

    EVENTS = "events"
    """Fetch asks FreshBooks again."""
    RECORDS = "records"
    """Translate derives again."""
    COMMANDS = "commands"
    """Deliver sends again."""


class ReplayState(StrEnum):
    """Where a replay stands."""

    PLANNED = "planned"
    ASKED = "asked"
    """The workers are asked to step aside, so that the group's offsets can be moved."""
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class Stretch(Value):
    """One partition's part of a replay."""

    partition: Offset
    begin: Offset
    """Here it begins; of a paused one, here it goes on."""
    end: Offset
    """Before here lies what is replayed."""
    passed: Offset = 0
    """Before here all was done when the offsets were moved: what nobody wants again is passed by."""


class Replay(Value):
    """A plan that somebody saw, and may have applied. It can do what its preview said, and no more."""

    kind: Literal["replay"] = "replay"
    id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    connection: Connected
    source: Source
    only: Annotated[str, Field(pattern=r"^((client|invoice):[0-9]{1,19})?$")] = ""
    """`client:7` or `invoice:123`; nothing: all of the connection."""
    forced: bool = False
    """Whether rows are sent although Salesforce holds their content; the id is the nonce."""
    mapping: str
    """Version of the mapping that the preview used."""
    planned_at: AwareDatetime
    rows: Annotated[int, Field(ge=0)]
    calls: Annotated[int, Field(ge=0)]
    """Rows to be sent, and API calls that takes, by the preview."""
    stretches: tuple[Stretch, ...]
    state: ReplayState = ReplayState.PLANNED
    until: AwareDatetime | None = None
    """Until then the workers stay aside, should whoever asked them not come back."""
    previewed_by: Who = ""
    applied_by: Who = ""
    """Who applied it, or took it up again, last."""
    halted_by: Who = ""
    """Who paused or stopped it last."""

    @property
    def key(self) -> str:
        """A replay is found by its id."""
        return self.id

    @property
    def nonce(self) -> str:
        """What its commands carry: later replays have greater ones; empty unless they are forced."""
        return f"{int(self.planned_at.timestamp()):010x}{self.id[:6]}" if self.forced else ""

    @property
    def begun(self) -> bool:
        """Tell whether the offsets were moved for it, ever."""
        return any(stretch.passed for stretch in self.stretches)

    @property
    def in_force(self) -> bool:
        """Tell whether workers have to heed it."""
        return self.state in {ReplayState.ASKED, ReplayState.RUNNING}
