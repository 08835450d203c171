"""What of a connection decides rows, and the version that names these rules."""

from dataclasses import dataclass
from typing import Final, Self

from streams.domain.command import Command, Figure, Items
from streams.domain.connection import Connection
from streams.domain.errors import Permanent
from streams.domain.identity import digest
from streams.mapping.reading import read
from streams.mapping.row import Row, content
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


def treats_as_derived(command: Command, connection: Connection) -> bool:
    """Tell whether a row's amounts are written now by the rule that its content hash names.

    A dead letter that is retried, and what is under way, was derived by the rule of then. Where that cannot
    be told, the rules must be those of then as a whole.
    """
    if not any(isinstance(it, Figure | Items) and it.currency for it in command.fields.values()):
        return True
    row = Row(command.sobject, command.external_id_field, command.external_id, dict(command.fields))
    try:
        treat = Terms.of(connection).treat
        return content(row, treat) == command.content or command.mapping == Rules.of(connection).version
    except Permanent:
        return False
