"""Daily roots of the audit's hash chain: one line a day in a file, to be handed to somebody else.

Each line covers the one before it, so that the newest alone pins down all of history. What only we hold we
could rewrite: give the line of each month end to your auditor, and `freshforce audit verify` proves it later.
"""

import os
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError

from app.view.chain import Link
from streams.domain.errors import Misconfigured
from streams.loop.contract import Clock

_log = structlog.get_logger(__name__)

FILE: Final = "audit-roots.jsonl"


class BadRoots(Misconfigured):
    """The file of daily roots was changed, or is another installation's."""

    code = "bad-roots"
    mend = "find out who changed it; a copy that you gave away tells what it said"


class Root(BaseModel):
    """The links of all partitions as they stood when a day was over, and one hash over them all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    day: date
    """The last day (UTC) that is covered whole."""
    partitions: Mapping[int, tuple[int, str]]
    """Partition → its last offset covered, and the link there (hex)."""
    before: str = ""
    """The root of the line before; empty on the first."""
    root: str = ""

    @classmethod
    def of(cls, day: date, heads: Mapping[int, Link], before: str) -> Self:
        """Return the root of a day that is over."""
        told = {number: (link.offset, link.digest.hex()) for number, link in sorted(heads.items())}
        plain = cls(day=day, partitions=told, before=before)
        return plain.model_copy(update={"root": plain.expected()})

    def expected(self) -> str:
        """Return the hash that `root` must be."""
        told = self.model_copy(update={"root": ""}).model_dump_json()
        return blake2b(told.encode(), digest_size=32).hexdigest()


def read(file: Path) -> list[Root]:
    """Return the roots in `file`, oldest first; none where there is no file.

    Raises:
        BadRoots: a line is damaged, or does not follow from the one before; it names the line.
    """
    if not file.exists():
        return []
    found: list[Root] = []
    for number, line in enumerate(_whole(file).decode(errors="replace").splitlines(), 1):
        root = _root(line)
        if root is None or root.root != root.expected() or root.before != (found[-1].root if found else ""):
            message = f"line {number} of {file.name} was changed, or lines before it are missing"
            raise BadRoots(message)
        found.append(root)
    return found


def append(file: Path, day: date, heads: Mapping[int, Link]) -> Root | None:
    """Write the root of `day`, unless that or a later day has one; return it once it is on the disk.

    Raises:
        BadRoots: what is there was changed: nothing is written after it.
    """
    there = read(file)
    if there and there[-1].day >= day:
        return None
    root = Root.of(day, heads, there[-1].root if there else "")
    whole = len(_whole(file)) if file.exists() else 0
    with file.open("ab") as out:
        out.truncate(whole)
        out.write(root.model_dump_json().encode() + b"\n")
        out.flush()
        os.fsync(out.fileno())
    return root


class Days:
    """Closes each day once it is over: writes its root."""

    def __init__(self, file: Path, now: Clock) -> None:
        self._file, self._now = file, now
        self._closed: date | None = None

    def passed(self, heads: Mapping[int, Link]) -> None:
        """Write the root of yesterday, where `heads` cover it whole and it has none yet.

        A file that was changed is told once a day and left as it is; the view goes on.
        """
        yesterday = self._now().date() - timedelta(days=1)
        if yesterday == self._closed:
            return
        self._closed = yesterday
        try:
            append(self._file, yesterday, heads)
        except BadRoots as error:
            _log.error("audit.bad_roots", file=str(self._file), why=str(error), mend=error.mend)


def _whole(file: Path) -> bytes:
    """Return the lines that were written to their end; a crash may have left the last one torn."""
    raw = file.read_bytes()
    return raw[: raw.rfind(b"\n") + 1]


def _root(line: str) -> Root | None:
    try:
        return Root.model_validate_json(line)
    except ValidationError:
        return None
