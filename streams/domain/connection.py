"""Connection: one FreshBooks account joined to one Salesforce org; our tenant. Settings, no secrets."""

from datetime import datetime, timedelta
from enum import StrEnum
from operator import not_
from typing import Annotated, Final, Literal

from pydantic import Field

from streams.domain.identity import AccountId, Connected
from streams.domain.message import Value
from streams.domain.money import Currency
from streams.domain.timetable import Cron, Zone, in_words, until_next

_A_LIFE: Final = 1_000_000_000
"""More generations than the grants of one life of a name ever have."""


class ClosedWonWhen(StrEnum):
    """When an Opportunity counts as won."""

    PAID = "paid"
    ANY_PAYMENT = "any_payment"


class ForeignAmount(StrEnum):
    """What becomes of an amount in another currency, in an org that has only one."""

    LEAVE_OUT = "leave_out"
    """The field is cleared, and the audit says so; amount and currency stand in fields of our own."""
    DEAD_LETTER = "dead_letter"
    WRITE = "write"
    """As if it were the org's own: for orgs that know why."""


class AccountMatching(StrEnum):
    """What becomes of a client that no Account of the org carries the number of."""

    CREATE = "create"
    """A new Account."""
    SUGGEST = "suggest"
    """The one Account that it surely is; a new one when none is like it; else a person says."""
    MATCH_ONLY = "match_only"
    """The one Account that it surely is; else a person says."""


class AfterFailure(StrEnum):
    """What becomes of a client's later rows when one has failed."""

    PARK = "park"
    """They wait until that one is retried, edited or discarded, or a later state of it goes through."""
    GO_ON = "go_on"


class Stages(Value):
    """Names of the org's sales stages that we write."""

    draft: str = "Proposal/Price Quote"
    invoiced: str = "Negotiation/Review"
    won: str = "Closed Won"
    lost: str = "Closed Lost"


class Connection(Value):
    """How one FreshBooks account and one Salesforce org are joined."""

    kind: Literal["connection"] = "connection"
    name: Connected
    freshbooks_api_url: str = "https://api.freshbooks.com"
    freshbooks_auth_url: str = "https://auth.freshbooks.com"
    freshbooks_account_id: AccountId | None = None
    freshbooks_reads_per_second: Annotated[float, Field(gt=0)] = 5.0
    """FreshBooks documents no limit; 5 a second per account has been safe (facts, section 5)."""
    salesforce_domain: str = ""
    salesforce_org: Annotated[str, Field(pattern=r"^(00D\w{12})?$", exclude_if="".__eq__)] = ""
    """The org's id, as connecting it told: its address may change, and two may lead to it.

    Left out of the bytes while nobody knows it, so that a process of an earlier version can read them.
    """
    salesforce_api_version: Annotated[str, Field(pattern=r"^v\d+\.\d$")] = "v66.0"
    closed_won_when: ClosedWonWhen = ClosedWonWhen.PAID
    stages: Stages = Stages()
    account_matching: AccountMatching = AccountMatching.SUGGEST
    after_failure: Annotated[AfterFailure, Field(exclude_if=AfterFailure.PARK.__eq__)] = AfterFailure.PARK
    """Left out of the bytes while it parks, so that a process of an earlier version can read them."""
    drafts: bool = False
    """Whether a draft invoice becomes an Opportunity already."""
    org_currency: Currency = "USD"
    """The one currency of an org that has no others; where there are several, amounts keep their own."""
    foreign_amount: ForeignAmount = ForeignAmount.LEAVE_OUT
    mapping: Annotated[str, Field(max_length=65_536)] = ""
    """The mapping file as text (TOML); empty: the one that we ship."""
    api_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """The part of the org's daily API calls that we may use."""
    poll_every_seconds: Annotated[int, Field(ge=1)] = 900
    poll_at: Cron = ""
    """A cron expression, in place of the interval: only at these times FreshBooks is asked for changes."""
    poll_zone: Zone = "UTC"
    """Where the clock of `poll_at` hangs."""
    poll_jitter_seconds: Annotated[int, Field(ge=0)] = 60
    """By up to so many seconds a pass is put off, by chance, so that many connections do not ask at once."""
    webhook_uri_base: str = ""
    paused: bool = False
    removed: bool = False
    """Nothing comes in or goes out any more; the log keeps its name, and messages on their way end by it."""
    copied: Annotated[bool, Field(exclude_if=not_)] = False
    """A history was copied into it (`freshforce replay copy`): it reads no books, its log answers for them.

    Left out of the bytes while there was none, so that a process of an earlier version can read them.
    """
    life: Annotated[int, Field(ge=1)] = 1
    """One more whenever a removed name is taken anew: its grants count on beyond those of earlier lives."""

    @property
    def key(self) -> str:
        """A connection is found by its name."""
        return self.name

    def rests(self, after: datetime) -> timedelta:
        """Return how long nobody polls after a pass that ended at `after`, jitter aside."""
        if self.poll_at:
            return until_next(self.poll_at, self.poll_zone, after)
        return timedelta(seconds=self.poll_every_seconds)

    @property
    def polled(self) -> str:
        """When it is polled, in a person's words."""
        return in_words(self.poll_at, self.poll_zone, self.poll_every_seconds)

    @property
    def holds_back(self) -> bool:
        """Whether a failed row holds back what follows of its client; nothing does once all is to end."""
        return self.after_failure is AfterFailure.PARK and not self.removed

    @property
    def first_generation(self) -> int:
        """The generation of this life's first grants: above whatever an earlier life can have reached."""
        return (self.life - 1) * _A_LIFE + 1

    @property
    def last_generation(self) -> int:
        """The generation that no grant of this life passes: a later one is of a later life."""
        return self.life * _A_LIFE
