"""What of a connection's settings the facts need."""

from dataclasses import dataclass
from typing import Self

from streams.domain.command import Lookup
from streams.domain.connection import ClosedWonWhen, Connection, Stages
from streams.domain.errors import Misconfigured
from streams.domain.identity import AccountId, ConnectionName
from streams.domain.made import made
from streams.mapping.row import ACCOUNT_KEY, ALIKE, Treat


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose books these are, and what the connection says of sales."""

    connection: ConnectionName
    account: AccountId
    stages: Stages
    won_when: ClosedWonWhen
    drafts: bool
    treat: Treat = ALIKE

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """Return the terms of a connection.

        Raises:
            Misconfigured: the connection does not say yet which FreshBooks account it reads.
        """
        account = connection.freshbooks_account_id
        if account is None:
            message = f"connection {connection.name} names no FreshBooks account"
            raise Misconfigured(message, mend=f"freshforce connect freshbooks {connection.name}")
        treat = Treat(connection.org_currency, connection.foreign_amount.value)
        rule = connection.closed_won_when
        return cls(connection.name, account, connection.stages, rule, connection.drafts, treat)

    def external_id(self, number: int) -> str:
        """Return the id under which Salesforce knows a FreshBooks object of this account."""
        return f"{self.account}:{number}"

    def account_of(self, client: int) -> Lookup:
        """Return the reference to a client's Account, so that no Salesforce id is needed."""
        return made(Lookup, external_id_field=ACCOUNT_KEY, external_id=self.external_id(client))
