"""Mapping files, told by what matters in a test: the one we ship, with lines put in, changed or taken out."""

from streams.domain.command import Field
from streams.domain.identity import ClientId
from streams.domain.snapshot import Invoice
from streams.domain.version import Version
from streams.ledger.facts import ClientFacts, InvoiceFacts
from streams.ledger.head import Head
from streams.ledger.pages import ClientPage, InvoicePage
from streams.mapping.reading import default_text, read
from streams.mapping.row import Row
from streams.mapping.rows import account, opportunity
from streams.mapping.rules import Rules
from tests.builders.records import A_CONNECTION, a_client, an_invoice

SEVEN = ClientId(7)


def a_mapping(account: str = "", opportunity: str = "", **changed: str) -> str:
    """Return the shipped file with more lines under `[account.fields]` and `[opportunity.fields]`.

    `changed` are keys whose line is replaced: `drafts="true"`.
    """
    text = default_text()
    for key, value in changed.items():
        old = next(line for line in text.splitlines() if line.startswith(f"{key} = "))
        text = text.replace(f"\n{old}", f"\n{key} = {value}", 1)
    text = text.replace("[account.fields]\n", f"[account.fields]\n{account}\n")
    return text.replace("[opportunity.fields]\n", f"[opportunity.fields]\n{opportunity}\n")


def rules_of(text: str) -> Rules:
    read(text)
    return Rules.of(A_CONNECTION.model_copy(update={"mapping": text}))


def account_of(text: str, head: Head | None = None, *, gone: str = "") -> Row | None:
    """Return the Account of an ordinary client under the mapping `text`."""
    page = ClientPage(ClientFacts.of(Version("1"), a_client()), gone=gone)
    return account(rules_of(text), SEVEN, page, head or Head())


def opportunity_of(text: str, invoice: Invoice | None = None, *, gone: str = "") -> Row | None:
    """Return the Opportunity of an ordinary client's invoice under the mapping `text`."""
    who = ClientPage(ClientFacts.of(Version("1"), a_client()))
    page = InvoicePage(InvoiceFacts.of(Version("1"), invoice or an_invoice()), gone=gone)
    return opportunity(rules_of(text), SEVEN, who, who.naming, 31, page)


def gets(line: str, head: Head | None = None) -> Field:
    """Return what the field `X__c` of an ordinary Account gets by `line`."""
    row = account_of(a_mapping(account=f"X__c = {line}"), head)
    assert row
    return row.fields["X__c"]


def sold(line: str, invoice: Invoice | None = None) -> Field:
    """Return what the field `X__c` of an ordinary Opportunity gets by `line`."""
    row = opportunity_of(a_mapping(opportunity=f"X__c = {line}"), invoice)
    assert row
    return row.fields["X__c"]
