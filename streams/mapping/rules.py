"""What of a connection's settings decides rows, and the version that names these rules."""

from dataclasses import dataclass
from typing import Final, Self

from streams.domain.connection import ClosedWonWhen, Connection, Stages
from streams.domain.errors import Misconfigured
from streams.domain.identity import AccountId, digest

EDITION: Final = "2026-11-22"
"""Changes with every change of a mapper: rows of different editions may differ for the same facts."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one connection."""

    account: AccountId
    stages: Stages
    won_when: ClosedWonWhen
    drafts: bool
    version: str

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """Return the rules of a connection.

        Raises:
            Misconfigured: the connection does not say yet which FreshBooks account it reads.
        """
        account = connection.freshbooks_account_id
        if account is None:
            message = f"connection {connection.name} names no FreshBooks account"
            raise Misconfigured(message, mend=f"freshforce connect freshbooks {connection.name}")
        stages, won_when, drafts = connection.stages, connection.closed_won_when, connection.drafts
        said = (EDITION, account, stages.model_dump_json(), won_when.value, str(drafts))
        return cls(account, stages, won_when, drafts, digest("rules", *said)[:16])

    def external_id(self, number: int) -> str:
        """Return the id under which Salesforce knows a FreshBooks object of this account."""
        return f"{self.account}:{number}"
