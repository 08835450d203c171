"""Does FreshBooks fit a connection? Real calls, one finding each, with a mend for what is not well."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import ClientSession

from app.connect.accounts import candidates
from app.connect.callbacks import Standing
from app.connect.rights import hidden, role_mend, scopes_finding
from app.connect.skew import Skew
from app.connect.tokens import kept_tokens, with_token
from app.connect.webhooks import Webhooks
from app.freshbooks.client import FreshBooks, me
from app.freshbooks.door import Door, checked
from app.registry import Registry
from app.salesforce.checkup import Finding, not_well
from app.vault.grants import FreshBooksGrant
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured
from streams.domain.grant import Side
from streams.domain.identity import AccountId, ObjectKind

PATIENCE: Final = 10.0
"""Seconds to wait for a fresh token, which only a running worker brings."""


@dataclass(frozen=True, slots=True)
class FreshBooksCheckup:
    """The questions to FreshBooks about one connection; nothing is written by them."""

    registry: Registry
    session: ClientSession
    connection: Connection
    allow_http: bool = False

    async def findings(self) -> AsyncIterator[Finding]:
        """Yield what each question shows; stops at what makes the rest pointless."""
        skew = Skew(self.registry.clock)
        try:
            account, door = self._account(), self._door(skew)
            who = await self._with_token(lambda token: me(door, token))
        except FreshforceError as error:
            yield not_well("FreshBooks token", error)
            return
        yield Finding("FreshBooks token", well=True, says=self._life())
        yield self._identity(who, account)
        yield self._scopes()
        for kind in ObjectKind:
            yield await self._page(door, account, kind)
        yield await self._callbacks()
        yield skew.finding("FreshBooks")

    def _account(self) -> AccountId:
        account = self.connection.freshbooks_account_id
        if account is None:
            message = f"{self.connection.name} has no FreshBooks account"
            raise Misconfigured(message, self._connect)
        return account

    def _door(self, skew: Skew) -> Door:
        url = checked(self.connection.freshbooks_api_url, allow_http=self.allow_http)
        return Door(self.session, url, heard=skew.heard)

    async def _with_token(self, question: Any) -> Any:
        return await with_token(kept_tokens(self.registry), self.connection, question, PATIENCE)

    def _life(self) -> str:
        held = self.registry.grants.held(FreshBooksGrant, self.connection.name, Side.FRESHBOOKS)
        until = "" if held is None else f" until {held.grant.expires_at:%Y-%m-%d %H:%M} UTC"
        return f"alive{until}; it is renewed by itself"

    def _identity(self, who: dict[str, Any], account: AccountId) -> Finding:
        what = "FreshBooks identity"
        found = {each.account: each for each in candidates(who)}
        if account in found:
            its = found[account]
            business = f" of {its.business}" if its.business else ""
            says = f"user {who.get('identity_id', '?')}, {its.role or 'no role'}{business}, account {account}"
            if less := hidden(its.role):
                return Finding(what, well=True, says=f"{says}; {less}", mend=role_mend(self.connection.name))
            return Finding(what, well=True, says=says)
        others = f"; it can read {', '.join(sorted(found))}" if found else ""
        says = f"the user who consented has no part in account {account} any more{others}"
        return Finding(what, well=False, says=says, mend=role_mend(self.connection.name))

    def _scopes(self) -> Finding:
        held = self.registry.grants.held(FreshBooksGrant, self.connection.name, Side.FRESHBOOKS)
        return scopes_finding(self.connection.name, () if held is None else held.grant.scopes)

    async def _page(self, door: Door, account: AccountId, kind: ObjectKind) -> Finding:
        what = f"FreshBooks {kind.value}s"
        clock = self.registry.clock
        try:
            await self._with_token(lambda token: FreshBooks(door, account, token, clock).page(kind, 1))
        except FreshforceError as error:
            return not_well(what, error)
        return Finding(what, well=True, says="can be read")

    async def _callbacks(self) -> Finding:
        what = "FreshBooks webhooks"
        webhooks = Webhooks(self.registry, self.session, self.connection, self.allow_http)
        try:
            found = await webhooks.standings()
        except FreshforceError as error:
            return not_well(what, error)
        return callbacks_finding(what, found, self.connection)

    @property
    def _connect(self) -> str:
        return f"freshforce connect freshbooks {self.connection.name} …"


def callbacks_finding(what: str, found: tuple[Standing, ...], connection: Connection) -> Finding:
    """Return what is to be said of a connection's callbacks; none at all is a choice, and no fault."""
    if not found:
        says = f"none registered: changes are found by asking {connection.polled}"
        mend = f"freshforce webhooks register {connection.name}"
        return Finding(what, well=True, says=says, mend=mend)
    ill = [f"{each.event} is {each.trouble}" for each in found if not each.well]
    if ill:
        mend = f"freshforce webhooks verify {connection.name}"
        return Finding(what, well=False, says="; ".join(ill), mend=mend)
    return Finding(what, well=True, says=f"{len(found)} registered and verified")
