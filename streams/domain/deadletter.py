"""Dead letter: a message that could not be handled, with its bytes, its place, the cause and the mend."""

from typing import Literal

from streams.domain.audit import Step
from streams.domain.message import Value
from streams.domain.place import Place


def retry(code: str) -> str:
    """Return the command that has what failed for one cause tried again, once that is mended."""
    return f"`freshforce deadletters retry --cause {code} --apply`"


class DeadLetter(Value):
    """Everything a person needs to understand and repair a failed message, and a machine to retry it."""

    kind: Literal["dead-letter"] = "dead-letter"
    id: str
    connection: str
    """Empty when the message could not be read far enough to know."""
    step: Step
    place: Place
    original_key: bytes | None
    original: bytes | None
    code: str
    """Stable name of the cause, for grouping."""
    reason: str
    """What went wrong: names, fields and counts, never a payload."""
    mend: str
    """What a person can do about it."""
