"""All names that a mapping may use, per Salesforce object; the documentation is made of this."""

from collections.abc import Mapping
from typing import Final

from streams.domain.command import SObject
from streams.mapping.fact import Fact, Kind, by_name
from streams.mapping.facts_client import LINK, OF_CUSTOMER, OF_SALE
from streams.mapping.facts_invoice import INVOICE, STAGE
from streams.mapping.facts_sums import SUMS

TEXT: Final = Kind.TEXT

CONNECTION: Final = (
    Fact("connection.name", TEXT, "Its name here.", lambda it: it.terms.connection),
    Fact(
        "connection.drafts",
        Kind.FLAG,
        "The connection's setting `drafts`.",
        lambda it: it.terms.drafts,
    ),
    Fact(
        "connection.closed_won_when",
        TEXT,
        "The connection's setting of that name.",
        lambda it: it.terms.won_when.value,
    ),
    Fact("connection.stage_draft", TEXT, "Its setting `stages.draft`.", lambda it: it.terms.stages.draft),
    Fact(
        "connection.stage_invoiced",
        TEXT,
        "Its setting `stages.invoiced`.",
        lambda it: it.terms.stages.invoiced,
    ),
    Fact("connection.stage_won", TEXT, "Its setting `stages.won`.", lambda it: it.terms.stages.won),
    Fact("connection.stage_lost", TEXT, "Its setting `stages.lost`.", lambda it: it.terms.stages.lost),
)

SCOPES: Final[Mapping[SObject, Mapping[str, Fact]]] = {
    SObject.ACCOUNT: by_name(OF_CUSTOMER, SUMS, CONNECTION),
    SObject.CONTACT: by_name(OF_CUSTOMER, (LINK,), CONNECTION),
    SObject.OPPORTUNITY: by_name(OF_SALE, INVOICE, CONNECTION),
    SObject.ORDER: by_name(OF_SALE, INVOICE, CONNECTION),
}
"""What each object's fields may refer to. Sums move with every invoice, so only the Account shows them."""

FOR_STAGES: Final = {name: fact for name, fact in SCOPES[SObject.OPPORTUNITY].items() if name != STAGE.name}
"""What a stage may be made of: anything but the stage."""


def everything() -> Mapping[str, tuple[Fact, tuple[SObject, ...]]]:
    """Return every name with its fact, and the objects that may use it."""
    found: dict[str, tuple[Fact, tuple[SObject, ...]]] = {}
    for sobject, scope in SCOPES.items():
        for name, fact in scope.items():
            known = found.get(name, (fact, ()))
            found[name] = (known[0], (*known[1], sobject))
    return found
