"""What of a connection decides rows, and the version that names these rules."""

from dataclasses import dataclass
from typing import Final, Self

from streams.domain.connection import Connection
from streams.domain.identity import digest
from streams.mapping.reading import read
from streams.mapping.sheet import Mapping
from streams.mapping.terms import Terms

EDITION: Final = "2026-11-29.2"
"""Changes with every change of a fact: rows of different editions may differ for the same mapping."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one connection."""

    terms: Terms
    mapping: Mapping
    version: str

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """Return the rules of a connection.

        Raises:
            Misconfigured: the connection does not say yet which FreshBooks account it reads.
            BadMapping: its mapping cannot work.
        """
        terms, mapping = Terms.of(connection), read(connection.mapping)
        stages, won_when, drafts = terms.stages, terms.won_when, terms.drafts
        said = (terms.account, stages.model_dump_json(), won_when.value, str(drafts), *terms.treat)
        return cls(terms, mapping, digest("rules", EDITION, mapping.hash, *said)[:16])
