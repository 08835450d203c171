"""What is wrong with a mapping: where, what, and what to write instead."""

from collections.abc import Iterable
from typing import NamedTuple

from streams.domain.errors import Misconfigured


class Flaw(NamedTuple):
    """One thing that cannot work."""

    key: str
    """Dotted, as `account.fields.Phone`; empty when the whole file is meant."""
    says: str
    mend: str
    line: int = 0
    """0 when the place is not known."""

    def __str__(self) -> str:
        place = " ".join(part for part in (f"line {self.line}" if self.line else "", self.key) if part)
        return f"{place}: {self.says}" if place else self.says


class BadMapping(Misconfigured):
    """A mapping file that cannot be used; names every flaw."""

    code = "bad-mapping"

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = (*flaws,)
        lines = (f"{flaw} ({flaw.mend})" if flaw.mend else str(flaw) for flaw in self.flaws)
        super().__init__("the mapping cannot be used:\n  " + "\n  ".join(lines), "mend the file")


class MappingFailed(Misconfigured):
    """A template of the mapping has no result for this record."""

    code = "mapping-failed"

    def __init__(self, key: str, why: str) -> None:
        mend = "mend the template (`freshforce mapping check`), set it, then retry the dead letter"
        super().__init__(f"mapping: {key}: {why}", mend)
        self.key, self.why = key, why
