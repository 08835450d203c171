"""By what rule an invoice has no Opportunity, in the words of a mapping file."""

from typing import Final

from streams.domain.identity import ClientId
from streams.ledger.facts import Standing
from streams.ledger.pages import ClientPage, InvoicePage
from streams.mapping.rules import Rules
from streams.mapping.sheet import Mapping
from streams.mapping.subjects import sale

_SETTING: Final = "connection.drafts"


def unsold(rules: Rules, client: ClientId, who: ClientPage, invoice: int, page: InvoicePage) -> str:
    """Return why no Opportunity is written of an invoice; empty where one is, or another client has it."""
    mapping, sheet = rules.mapping, rules.mapping.opportunity
    if page.standing is Standing.MOVED:
        return ""
    if sheet is None:
        return "not written: the mapping has no [opportunity]"
    if page.facts is None:
        return "not written: the invoice was gone before it was read"
    subject = sale(rules.terms, mapping, client, who, who.naming, invoice, page)
    if mapping.drafted(subject):
        return f"not written: a draft becomes none by {_drafts(mapping, rules.terms.connection)}"
    if sheet.leave_deleted and subject.gone:
        return 'left as it is: the invoice is deleted, `deleted = "leave"` of the mapping\'s [opportunity]'
    return "" if sheet.wants(subject) else "not written: `when` of the mapping's [opportunity] wants none"


def _drafts(mapping: Mapping, connection: str) -> str:
    rule = "`drafts` of the mapping's [opportunity]"
    if any(fact.name == _SETTING for fact in mapping.drafts.facts):
        return f"{rule}, the connection's setting: freshforce connections set {connection} drafts=true"
    return rule
