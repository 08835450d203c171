"""How a process of ours ends when something went wrong: at once, saying why, committing nothing."""

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from traceback import extract_tb
from typing import Final, NoReturn

import structlog
from aiokafka.errors import KafkaError

from streams.domain.errors import FreshforceError, Misconfigured
from streams.loop.burial import TooManyBurials
from streams.loop.contract import Die

CLEAN: Final = 0
MISUSE: Final = 2
BURIED: Final = 65
"""Too many messages could not be handled: a person must look first (EX_DATAERR)."""
ASIDE: Final = 75
"""It made room for a replay, in order: start it again at once, it waits until it may go on (EX_TEMPFAIL)."""
FAILED: Final = 70
"""Something failed; the next process begins at the last commit (EX_SOFTWARE)."""
MISCONFIGURED: Final = 78
"""A setting or a topic is wrong; no restart will mend it (EX_CONFIG)."""

_TELLABLE = (FreshforceError, TooManyBurials, KafkaError, OSError, RuntimeError)
"""Errors whose text holds no payload."""

_log = structlog.get_logger(__name__)


def exit_code(why: BaseException) -> int:
    """Return the code that tells the supervisor whether to start again."""
    match why:
        case TooManyBurials():
            return BURIED
        case Misconfigured():
            return MISCONFIGURED
        case _:
            return FAILED


def die(why: BaseException) -> NoReturn:
    """Say why in one line and end the process now.

    No orderly stop: the framework's own one commits what failed.
    """
    code = exit_code(why)
    said = str(why) if isinstance(why, _TELLABLE) else ""
    mend = why.mend if isinstance(why, FreshforceError) else ""
    _log.critical("process.fails", error=type(why).__name__, why=said, mend=mend, at=_places(why), code=code)
    with suppress(OSError, ValueError):  # a full disk under the log must not keep us alive
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


@dataclass(frozen=True, slots=True)
class FailStop:
    """A context from which no failure escapes: the process ends first."""

    die: Die

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, why: BaseException | None, _trace: object) -> None:
        if isinstance(why, Exception):
            self.die(why)


def _places(why: BaseException) -> list[str]:
    """Return where in the code it happened, the innermost last."""
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in extract_tb(why.__traceback__)[-6:]]
