"""The rows of a client: what its Account, its Contact and its Opportunities should be."""

from collections.abc import Iterator
from typing import Any

from streams.domain.identity import ClientId
from streams.ledger.books import Books
from streams.ledger.facts import Naming, Standing
from streams.ledger.head import Head
from streams.ledger.pages import ClientPage, InvoicePage
from streams.mapping.row import Row
from streams.mapping.rules import Rules
from streams.mapping.sheet import KEYS, Sheet
from streams.mapping.subjects import customer, sale


def account(rules: Rules, client: ClientId, page: ClientPage, head: Head) -> Row | None:
    """Return the Account of a client: who it is, and how it stands with us; None when it is left alone."""
    return _row_of(rules, rules.mapping.account, client, page, head)


def contact(rules: Rules, client: ClientId, page: ClientPage, head: Head) -> Row | None:
    """Return the Contact of a client's person; None when there should be none."""
    return _row_of(rules, rules.mapping.contact, client, page, head)


def opportunity(  # noqa: PLR0913, PLR0917 - a client's side and an invoice's side
    rules: Rules,
    client: ClientId,
    who: ClientPage,
    naming: Naming | None,
    invoice: int,
    page: InvoicePage,
) -> Row | None:
    """Return the Opportunity of an invoice; None when there should be none, or it is not ours to say.

    `naming` is what the client goes by, or went by. A client that was not seen yet is called as the
    invoice calls it; one that FreshBooks never knew has no Account to refer to.
    """
    mapping, facts = rules.mapping, page.facts
    sheet = mapping.opportunity
    if sheet is None or facts is None or page.standing is Standing.MOVED:
        return None
    subject = sale(rules.terms, mapping, client, who, naming, invoice, page)
    if facts.draft and mapping.drafts.get(subject) is not True:
        return None
    return _row(sheet, rules.terms.external_id(invoice), subject, page.left)


def every(rules: Rules, client: ClientId, books: Books) -> Iterator[Row]:
    """Yield all rows that a client's books call for, parents first."""
    page, head = books.client, books.head
    for made in (account, contact):
        if row := made(rules, client, page, head):
            yield row
    for invoice in sorted(books.invoices()):
        if row := opportunity(rules, client, page, page.naming, invoice, books.invoice(invoice)):
            yield row


def _row_of(rules: Rules, sheet: Sheet | None, client: ClientId, page: ClientPage, head: Head) -> Row | None:
    subject = customer(rules.terms, client, page, head)
    if sheet is None or subject is None:
        return None
    return _row(sheet, rules.terms.external_id(client), subject)


def _row(sheet: Sheet, external_id: str, subject: Any, since: str = "") -> Row | None:
    if not sheet.wants(subject):
        return None
    return Row(
        sheet.sobject, KEYS[sheet.sobject], external_id, sheet.fields(subject), since, sheet.defaults(subject)
    )
