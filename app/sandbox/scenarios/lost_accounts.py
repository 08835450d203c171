"""Losing Accounts: what a scenario does to the simulated Salesforce, as a person at its screen."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

EXTERNAL_ID = "FreshBooks_Client_Id__c"
LOOK_EVERY = 0.1
PATIENCE = 30.0


class Screen(Protocol):
    """What is needed of the Salesforce sandbox's people."""

    def rows(self, sobject: str) -> Sequence[Mapping[str, Any]]:
        """Return all rows of a type."""

    def delete(self, sobject: str, row_id: str) -> None:
        """Put a row into the recycle bin."""


@dataclass(frozen=True, slots=True)
class LostAccounts:
    """Deletes the Accounts of FreshBooks clients; who is to lose one waits until it is there."""

    screen: Screen
    account_id: str
    """FreshBooks' account id, the first half of an Account's external id."""
    patience: float = PATIENCE
    """Seconds to wait for Accounts that are still on their way."""

    async def lose_accounts(self, clients: Sequence[int]) -> int:
        """Delete the Accounts of these FreshBooks clients; return how many were there to be deleted."""
        wanted = {f"{self.account_id}:{client}" for client in clients}
        found = await self._found(wanted)
        for row_id in found:
            self.screen.delete("Account", row_id)
        return len(found)

    async def _found(self, wanted: set[str]) -> list[str]:
        loop = asyncio.get_running_loop()
        until = loop.time() + self.patience
        while True:
            found = [str(row["Id"]) for row in self.screen.rows("Account") if row.get(EXTERNAL_ID) in wanted]
            if len(found) >= len(wanted) or loop.time() >= until:
                return found
            await asyncio.sleep(LOOK_EVERY)
