"""The rows of a client: what its Account, its Contact and its Opportunities should be."""

from collections.abc import Iterator
from typing import Any

from streams.domain.command import BY_CLIENT, Field, Lookup, SObject
from streams.domain.identity import ClientId
from streams.domain.made import made
from streams.ledger.books import Books
from streams.ledger.facts import Naming, Standing
from streams.ledger.head import Head
from streams.ledger.joining import together
from streams.ledger.pages import ClientPage, InvoicePage
from streams.ledger.payment_state import PaymentState
from streams.mapping.items import items
from streams.mapping.row import BY_NUMBER, BY_OPPORTUNITY, BY_PO_NUMBER, ITEMS, LINK, OPPORTUNITY_KEY, Row
from streams.mapping.rules import Rules
from streams.mapping.sheet import KEYS, Links, Sheet
from streams.mapping.subjects import Sale, customer, sale


def account(rules: Rules, client: ClientId, page: ClientPage, head: Head) -> Row | None:
    """Return the Account of a client: who it is, and how it stands with us; None when it is left alone."""
    if (subject := customer(rules.terms, client, page, head)) is None:
        return None
    sheet = rules.mapping.persons(subject) or rules.mapping.account
    return _row(sheet, rules.terms.external_id(client), subject)


def own(rules: Rules, client: ClientId, books: Books) -> Row | None:
    """Return the Account of a client with the sums of all who share it; none of a client that shares one."""
    return None if books.client.home else account(rules, client, books.client, together(books))


def shared(rules: Rules, page: ClientPage) -> Row:
    """Return the Account that a client shares: it is found, and left to the client whose it is."""
    return Row(SObject.ACCOUNT, BY_CLIENT, rules.terms.external_id(page.home), {})


def left(rules: Rules, client: ClientId, page: ClientPage) -> Row:
    """Return what is to become of the Account that a client had before it came to share another one's.

    Its sums are emptied, for they are in the other's now; all else stays. One that is not there is not made.
    """
    empty, sheet = customer(rules.terms, client, page, Head()), rules.mapping.account
    fields: dict[str, Field] = {}
    if empty is not None and not (sheet.leave_deleted and empty.gone):
        sheet = rules.mapping.persons(empty) or sheet
        fields = {name: it for name, it in sheet.fields(empty).items() if sheet.shows_sums(name)}
    return Row(SObject.ACCOUNT, BY_CLIENT, rules.terms.external_id(client), fields)


def contact(rules: Rules, client: ClientId, page: ClientPage, head: Head) -> Row | None:
    """Return the Contact of a client's person; None when there should be none.

    A person account has its own.
    """
    sheet, subject = rules.mapping.contact, customer(rules.terms, client, page, head)
    if sheet is None or subject is None or (rules.mapping.persons(subject) and not page.home):
        return None
    return _row(sheet, rules.terms.external_id(client), subject)


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
    if mapping.drafted(subject):
        return None
    return _row(sheet, rules.terms.external_id(invoice), subject, page.left)


def sales(  # noqa: PLR0913, PLR0917 - a client's side and an invoice's side
    rules: Rules,
    client: ClientId,
    who: ClientPage,
    naming: Naming | None,
    invoice: int,
    page: InvoicePage,
) -> Iterator[Row]:
    """Yield the rows of an invoice: its Opportunity, then what belongs to that."""
    row = opportunity(rules, client, who, naming, invoice, page)
    if row is None:
        return
    yield row
    mapping = rules.mapping
    subject = sale(rules.terms, mapping, client, who, naming, invoice, page)
    if mapping.lines:
        yield from lines(rules, subject)
    if mapping.order:
        yield from order(rules, mapping.order, subject)
    if mapping.invoice:
        yield from link(rules, mapping.invoice, subject)


def lines(rules: Rules, subject: Sale) -> Iterator[Row]:
    """Yield all lines of an Opportunity as one row; none while those of its newest state are unknown."""
    told = subject.page.lines
    if told is None or told.version != subject.invoice.version:
        return
    external_id, fields = _of_sale(rules, subject)
    fields[ITEMS] = items(rules.terms.account, external_id, subject.invoice, told)
    yield Row(SObject.LINES, BY_OPPORTUNITY, external_id, fields, subject.page.left)


def yielded(rules: Rules, invoice: int, page: InvoicePage) -> Iterator[Row]:
    """Yield the word that an invoice went to another client: this one asks for nothing of it any more.

    It is another word each time that the invoice was here, and the same however often it is said.
    """
    if rules.mapping.opportunity and page.facts:
        external_id = rules.terms.external_id(invoice)
        yield Row(SObject.OPPORTUNITY, OPPORTUNITY_KEY, external_id, {}, page.facts.version)


def order(rules: Rules, sheet: Sheet, subject: Sale) -> Iterator[Row]:
    """Yield what the Order of an Opportunity of ours should hold, should there be one."""
    if not sheet.sources or not sheet.wants(subject):
        return
    found_by = rules.mapping.orders_by
    external_id, fields = _of_sale(rules, subject)
    if found_by == BY_PO_NUMBER:
        fields[BY_PO_NUMBER] = subject.invoice.po_number or None
    fields |= sheet.fields(subject)
    yield Row(SObject.ORDER, found_by, external_id, fields, subject.page.left)


def link(rules: Rules, links: Links, subject: Sale) -> Iterator[Row]:
    """Yield whether the Opportunity of a paid invoice should show Salesforce's own Invoice of it."""
    settled = subject.state is PaymentState.SETTLED
    if not settled and not links.clears:
        return
    external_id, fields = _of_sale(rules, subject)
    if settled and links.by == BY_NUMBER:
        fields[BY_NUMBER] = subject.invoice.number or None
    fields[LINK] = True if settled else None
    yield Row(SObject.INVOICE, links.by, external_id, fields, subject.page.left)


def _of_sale(rules: Rules, subject: Sale) -> tuple[str, dict[str, Field]]:
    """Return external id and first field of what belongs to an Opportunity of ours."""
    external_id = rules.terms.external_id(subject.invoice_id)
    belongs = made(Lookup, external_id_field=OPPORTUNITY_KEY, external_id=external_id)
    return external_id, {SObject.OPPORTUNITY.value: belongs}


def every(rules: Rules, client: ClientId, books: Books) -> Iterator[Row]:
    """Yield all rows that a client's books call for, parents first."""
    page = books.client
    for row in (own(rules, client, books), contact(rules, client, page, books.head)):
        if row:
            yield row
    for invoice in sorted(books.invoices()):
        yield from sales(rules, client, page, page.naming, invoice, books.invoice(invoice))


def _row(sheet: Sheet, external_id: str, subject: Any, since: str = "") -> Row | None:
    if not sheet.wants(subject):
        return None
    return Row(
        sheet.sobject, KEYS[sheet.sobject], external_id, sheet.fields(subject), since, sheet.defaults(subject)
    )
