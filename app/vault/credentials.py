"""Salesforce's credentials for those who log in there."""

from dataclasses import dataclass

from app.vault.access import Grants
from app.vault.elsewhere import refuse_elsewhere
from app.vault.grants import SalesforceGrant
from streams.domain.errors import Misconfigured
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName


@dataclass(frozen=True, slots=True)
class KeptCredentials:
    """Credentials from the grants; each is opened only when asked for."""

    grants: Grants

    async def salesforce(self, connection: ConnectionName, address: str) -> tuple[str, str]:
        """Return client id and client secret, for a log-in at `address`.

        Raises:
            GivenElsewhere: they were given for another org.
            Misconfigured: the connection has no Salesforce grant, or it cannot be opened here.
        """
        held = self.grants.held(SalesforceGrant, connection, Side.SALESFORCE)
        if held is None:
            message = f"{connection} is not connected to Salesforce"
            raise Misconfigured(message, f"run `freshforce connect salesforce {connection}`", "no-grant")
        refuse_elsewhere(connection, Side.SALESFORCE, held.grant.address, address)
        return held.grant.client_id, held.grant.client_secret.get_secret_value()
