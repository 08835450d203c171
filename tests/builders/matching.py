"""A sandbox org with Accounts from before, and the matching that stands before our lanes to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from app.salesforce.matching.matching import Matching
from app.sandbox.salesforce.profile import Profile
from streams.domain.command import Command, Field
from streams.domain.connection import AccountMatching
from streams.domain.identity import ClientId, SalesforceId
from streams.domain.match import Candidate, Match, MatchAuthor, MatchState
from streams.domain.matches import standing
from tests.builders.salesforce import A_MORNING, ACME, a_command
from tests.builders.salesforce_org import Joined, joined_org
from tests.fakes.match_book import FakeMatchBook

KEY = "FreshBooks_Client_Id__c"


def a_client(
    number: int = 7, name: str = "Acme Inc.", email: str = "ann@acme.example", phone: str = "", **more: Any
) -> Command:
    """Return the first row of a client's Account."""
    fields: dict[str, Field] = {"Name": name, "FreshBooks_Email__c": email, "Phone": phone or None}
    return a_command(external_id=f"ACC1:{number}", client=number, fields=fields, **more)


def decided(
    client: int, state: MatchState, account: str | None = None, *, reason: str = "Ann says so"
) -> Match:
    """Return a person's decision."""
    return Match(
        id=f"decision-{client}-{state.value}-{account}",
        connection=ACME,
        client=ClientId(client),
        author=MatchAuthor.PERSON,
        actor="ann",
        state=state,
        account=None if account is None else SalesforceId(account),
        reason=reason,
        at=A_MORNING,
    )


def a_sure_one(client: int, account: str, *, sure: bool = True) -> Match:
    """Return a client that waits although two signs speak for one Account."""
    signs = ("same e-mail", "same name")
    return Match(
        id=f"waits-{client}-{account}-{sure}",
        connection=ACME,
        client=ClientId(client),
        author=MatchAuthor.DELIVER,
        actor="freshforce",
        state=MatchState.PROPOSED,
        candidates=(Candidate(account=SalesforceId(account), score=90, reasons=signs, sure=sure),),
        reason="the org may not be linked without a person",
        at=A_MORNING,
    )


@dataclass
class Matched:
    """All of it, running."""

    here: Joined
    matching: Matching
    book: FakeMatchBook = field(default_factory=FakeMatchBook)

    def plant(self, sobject: str = "Account", **fields: Any) -> str:
        """Add a row as if typed, long ago."""
        (its_id,) = self.here.org.control.people.insert(sobject, fields)
        return its_id

    def plant_with_contact(self, name: str, email: str) -> str:
        """Add an Account of which only a Contact has an e-mail address."""
        account = self.plant(Name=name)
        self.plant("Contact", LastName="Lee", Email=email, AccountId=account)
        return account

    @property
    def accounts(self) -> dict[str, str]:
        """The external id of each Account by its id, empty where it carries none."""
        return {row["Id"]: row.get(KEY) or "" for row in self.here.org.control.people.rows("Account")}

    def standing(self, client: int) -> Match | None:
        return standing(self.book.matches, ACME, ClientId(client))


@asynccontextmanager
async def matched_org(
    mode: AccountMatching = AccountMatching.SUGGEST, profile: str | Profile = "prepared"
) -> AsyncIterator[Matched]:
    async with joined_org(profile, account_matching=mode) as here:
        book = FakeMatchBook()
        matching = Matching(here.lanes, book, here.settings, lambda: A_MORNING)
        try:
            yield Matched(here, matching, book)
        finally:
            matching.close()
