"""Made-up clients and invoices that a mapping must get along with, before it is let near real ones."""

from collections.abc import Iterator
from typing import Any, Final

from streams.domain.command import STAGE, SObject, Stage
from streams.domain.connection import ClosedWonWhen, Stages
from streams.domain.identity import AccountId, ClientId, ConnectionName
from streams.domain.version import Version
from streams.ledger.facts import ClientFacts, InvoiceFacts
from streams.ledger.head import Head
from streams.ledger.pages import ClientPage, InvoicePage
from streams.mapping.flaws import Flaw, MappingFailed
from streams.mapping.sheet import OF_INVOICES, Mapping, Sheet
from streams.mapping.subjects import Customer, Sale, customer, sale
from streams.mapping.terms import Terms
from streams.mapping.value import Source

TERMS: Final = Terms(ConnectionName("example"), AccountId("xZ9q1"), Stages(), ClosedWonWhen.PAID, drafts=True)
SEVEN: Final = ClientId(7)
_ADDRESS: Final = ("1 Main St", "Floor 2", "Toronto", "Ontario", "M5V 2T6", "Canada")
_NOWHERE: Final = ("",) * 6
_FIRST, _LATER = Version("1"), Version("2")

KNOWN: Final = ClientFacts(
    *(_FIRST, "Maple & Sons", "Ann", "Lee", "ann@maple.example"),
    *("+1 555 0100", "+1 555 0101", "+1 555 0102", "+1 555 0103"),
    *(_ADDRESS, _ADDRESS, "CAD", "active"),
)
PERSON: Final = KNOWN._replace(organization="")
NAMELESS: Final = ClientFacts(_FIRST, *("",) * 8, _NOWHERE, _NOWHERE, "", "archived")
BUSY: Final = Head(
    counted=3,
    open=1,
    moneyed=2,
    last_payment="2026-10-20",
    outstanding={"CAD": "21.94"},
    paid={"CAD": "178.06", "USD": "800.00"},
    numbers=[(31, "0042")],
    day="2026-11-02",
    overdue={"CAD": "21.94"},
    latest=[("2026-10-01", 31, "0042")],
)
SENT: Final = InvoiceFacts(
    *(_FIRST, "0042", "Maple & Sons", "sent", "unpaid", "CAD", "200.00", "0.00", "200.00"),
    *("2026-10-01", "2026-10-31", "", "PO-7", "active"),
)
PART: Final = SENT._replace(status="partial", paid="178.06", outstanding="21.94")
PAID: Final = SENT._replace(status="paid", paid="200.00", outstanding="0.00", paid_on="2026-10-20")
BARE: Final = SENT._replace(number="", organization="", due_on="", po_number="", status="draft", amount="0")


def customers(terms: Terms) -> Iterator[tuple[str, Customer]]:
    """Yield clients of all sorts, the most telling first."""
    sorts = (
        ("a client with everything", ClientPage(KNOWN), BUSY),
        ("a client without a name", ClientPage(NAMELESS), Head()),
        ("a deleted client", ClientPage(KNOWN, gone=_LATER), BUSY),
        ("a person", ClientPage(PERSON), BUSY),
    )
    for name, who, head in sorts:
        if subject := customer(terms, SEVEN, who, head):
            yield name, subject


def sales(mapping: Mapping, terms: Terms) -> Iterator[tuple[str, Sale]]:
    """Yield invoices of all sorts, the most telling first."""
    paid_in = {"501": "2026-10-09", "502": "2026-10-20"}
    sorts: tuple[tuple[str, InvoicePage, ClientFacts | None], ...] = (
        ("a partly paid invoice", InvoicePage(PART, payments={"501": "2026-10-09"}), KNOWN),
        ("a paid invoice", InvoicePage(PAID, payments=paid_in), KNOWN),
        ("an unpaid invoice", InvoicePage(SENT), KNOWN),
        ("a deleted invoice", InvoicePage(PAID, gone=_LATER), KNOWN),
        ("a draft with hardly anything", InvoicePage(BARE), NAMELESS),
        ("an invoice whose client was not read yet", InvoicePage(SENT), None),
    )
    for name, page, client in sorts:
        who = ClientPage(client)
        yield name, sale(terms, mapping, SEVEN, who, who.naming, 31, page)


def subjects(mapping: Mapping, sheet: Sheet, terms: Terms = TERMS) -> Iterator[tuple[str, Any]]:
    """Yield what rows of this object may be about: made-up ones, with a connection's own settings."""
    yield from sales(mapping, terms) if sheet.sobject in OF_INVOICES else customers(terms)


def stages(mapping: Mapping, terms: Terms) -> Iterator[Stage]:
    """Yield each stage that made-up sales get, once."""
    if (sheet := mapping.opportunity) is None:
        return
    its = (it for _, it in sales(mapping, terms) if wanted(mapping, sheet, it))
    yield from dict.fromkeys(found for it in its if isinstance(found := sheet.fields(it).get(STAGE), Stage))


def rehearsed(mapping: Mapping) -> Iterator[Flaw]:
    """Yield where the mapping fails for one of them, each place once."""
    for sheet in mapping.sheets:
        seen: set[str] = set()
        for name, subject in subjects(mapping, sheet):
            for flaw in _tried(mapping, sheet, name, subject):
                if flaw.key not in seen:
                    seen.add(flaw.key)
                    yield flaw


def _tried(mapping: Mapping, sheet: Sheet, name: str, subject: Any) -> Iterator[Flaw]:
    """Yield what fails for one subject, as far as it would have a row."""
    prefix = sheet.table
    for key, flag in _flags(mapping, sheet, prefix):
        try:
            if not isinstance(flag.get(subject), bool):
                yield Flaw(key, f"for {name} it is neither true nor false", "compare: {{ … == … }}")
        except MappingFailed as failed:
            yield _flaw(key, name, failed)
            return
    if wanted(mapping, sheet, subject):
        for table, sources in sheet.tables:
            for field, source in sources.items():
                yield from _field_tried(sheet, f"{prefix}.{table}.{field}", field, source, (name, subject))


def _field_tried(sheet: Sheet, key: str, field: str, source: Source, told: tuple[str, Any]) -> Iterator[Flaw]:
    name, subject = told
    try:
        value = source.get(subject)
    except MappingFailed as failed:
        yield _flaw(key, name, failed)
    else:
        if value is None and field in sheet.needed:
            says = f"for {name} it is nothing: Salesforce takes no {sheet.sobject.value} without it"
            yield Flaw(key, says, '{ from = …, else = "unknown" } or {{ … | default(…) }}')


def wanted(mapping: Mapping, sheet: Sheet, subject: Any) -> bool:
    """Tell whether a made-up subject would have a row."""
    return sheet.wants(subject) and not (sheet.sobject in OF_INVOICES and mapping.drafted(subject))


def _flags(mapping: Mapping, sheet: Sheet, prefix: str) -> Iterator[tuple[str, Source]]:
    if sheet.when is not None:
        yield f"{prefix}.when", sheet.when
    if sheet.sobject is SObject.OPPORTUNITY:
        yield f"{prefix}.drafts", mapping.drafts


def _flaw(key: str, name: str, failed: MappingFailed) -> Flaw:
    """Say where it fails: a field may fail because of the stage that it shows."""
    return Flaw(failed.key or key, f"for {name}: {failed.why}", _MEND)


_MEND: Final = "a fact may be nothing: {{ … | default(0) }} or {{ … if … else … }}"
