"""Why a replay cannot go on as asked.

Misconfigured
├── NotNow         it is over
├── Busy           another one is under way
├── Overtaken      somebody else wants something else of it
├── Moved          the log or the mapping is not any more what its preview saw
└── WorkersStay    the workers did not step aside
"""

from collections.abc import Sequence

from app.kafka.group import StillThere
from streams.domain.errors import Misconfigured
from streams.domain.replay import Replay, ReplayState


class NotNow(Misconfigured):
    """The replay is over."""

    code = "replay-over"
    mend = "preview once more: `freshforce replay preview`"

    def __init__(self, replay: Replay) -> None:
        super().__init__(f"replay {replay.id} is {replay.state.value}")


class Busy(Misconfigured):
    """Kafka keeps one position per partition: one replay at a time."""

    code = "replay-busy"

    def __init__(self, other: Replay) -> None:
        mend = f"wait for it (`freshforce replay apply {other.id}` follows), pause it or stop it"
        super().__init__(f"replay {other.id} of {other.connection} is {other.state.value}", mend)


class Overtaken(Misconfigured):
    """Somebody else halted the replay, or took it up, while we were at it: what was asked last holds."""

    code = "replay-overtaken"
    mend = "look at it again: `freshforce replay list`, or the page Replay"

    def __init__(self, now: Replay) -> None:
        state = "being begun or halted" if now.state is ReplayState.ASKED else now.state.value
        super().__init__(f"meanwhile somebody else acted on replay {now.id}: it is {state}")


class Moved(Misconfigured):
    """What the preview saw is not any more what is there."""

    code = "replay-moved"
    mend = "preview once more: what would be sent may be something else now"

    def __init__(self, replay: Replay, what: Sequence[str]) -> None:
        super().__init__("\n".join((f"since replay {replay.id} was previewed:", *what)))


class WorkersStay(Misconfigured):
    """The workers did not step aside; Kafka moves no offsets of a group that is live."""

    code = "workers-stay"
    mend = "see that they are sound (`freshforce health`) and of this release, or stop them; then try again"

    def __init__(self, still: StillThere) -> None:
        super().__init__(f"still in the group: {still}; nothing was moved")
