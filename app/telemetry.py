"""What we say while we work: an event name and keys, never a payload, never a token."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from io import TextIOBase
from typing import Any, TextIO, cast

import stamina
import structlog

SECRET_WORDS = (
    "secret",
    "token",
    "password",
    "verifier",
    "signature",
    "authorization",
    "ciphertext",
)
NOISY = ("aiokafka", "faust", "mode", "aiosqlite", "asyncio")
"""Libraries whose chatter below a warning tells an operator nothing."""


class _Stderr(TextIOBase):
    """Whatever stderr is at the moment of writing: it may be replaced and closed after we were set up.

    What cannot be written is lost: a full disk under the log, or a reader that left, must not stop the work.
    """

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


_STDERR = cast(TextIO, _Stderr())


def configure(*, human: bool | None = None) -> None:
    """Send log lines to stderr: JSON, or columns for a person (by default when stderr is a terminal)."""
    human = sys.stderr.isatty() if human is None else human
    last = structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        masked,
        structlog.processors.format_exc_info,  # as plain text: the console's own way prints local variables
    ]
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(_STDERR),
        cache_logger_on_first_use=False,
    )
    _route_libraries(shared, last)
    stamina.instrumentation.set_on_retry_hooks([])  # its lines hold the arguments of what is tried again


def masked(_: Any, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Mask what must not be written down: anything named like a secret, and bytes of any kind."""
    for key, value in line.items():
        if isinstance(value, bytes):
            line[key] = f"<{len(value)} bytes>"
        elif not isinstance(value, int | float | None) and _is_secret(key):
            line[key] = "***"
    return line


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET_WORDS)


def _route_libraries(shared: list[Any], last: Any) -> None:
    """Let the libraries' own log lines leave in our form."""
    handler = logging.StreamHandler(_STDERR)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
