"""Serving the sandbox: on the ports one asks for, or on free ones for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from app.sandbox.freshbooks import FreshBooks, Profile, application
from app.sandbox.freshbooks.backstage import Backstage
from app.sandbox.scenarios.lost_accounts import LostAccounts
from app.sandbox.serving import listening, real_time

if TYPE_CHECKING:
    from app.sandbox.salesforce import RunningSalesforce


@dataclass(frozen=True, slots=True)
class RunningFreshBooks:
    """A FreshBooks that listens: where, as whom to ask, and its backstage in this process."""

    url: str
    client_id: str
    client_secret: str
    account_id: str
    control: Backstage
    freshbooks: FreshBooks


@asynccontextmanager
async def running_freshbooks(
    *,
    port: int = 0,
    seed: int = 0,
    profile: Profile | None = None,
    salesforce: "RunningSalesforce | None" = None,
) -> AsyncIterator[RunningFreshBooks]:
    """Run a simulated FreshBooks while the with-block lasts; scenarios lose Accounts in `salesforce`."""
    freshbooks = FreshBooks(real_time, seed, profile)
    account = freshbooks.account.account_id
    loses = LostAccounts(salesforce.control.people, account) if salesforce else None
    async with listening(application(freshbooks, loses), port) as url:
        yield RunningFreshBooks(
            url=url,
            client_id=freshbooks.application.client_id,
            client_secret=freshbooks.application.client_secret.get_secret_value(),
            account_id=account,
            control=Backstage(freshbooks),
            freshbooks=freshbooks,
        )


class Ports(NamedTuple):
    """Where the two vendors listen; 0 picks a free port."""

    freshbooks: int = 0
    salesforce: int = 0


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """Both vendors, listening."""

    freshbooks: RunningFreshBooks
    salesforce: "RunningSalesforce"


@asynccontextmanager
async def running_sandbox(
    ports: Ports | None = None,
    *,
    seed: int = 0,
    org: str = "prepared",
) -> AsyncIterator[RunningSandbox]:
    """Run both vendors while the with-block lasts; `org` names the profile of the Salesforce org."""
    # Half a second of loading that a FreshBooks alone saves.
    from app.sandbox.salesforce import running_salesforce  # noqa: PLC0415

    ports = ports or Ports()
    async with (
        running_salesforce(org, seed=seed, port=ports.salesforce) as salesforce,
        running_freshbooks(port=ports.freshbooks, seed=seed, salesforce=salesforce) as freshbooks,
    ):
        yield RunningSandbox(freshbooks, salesforce)
