"""Where an invoice has no Opportunity by a rule, translate says by which."""

import pytest

from streams.domain.audit import AuditEntry
from streams.domain.identity import ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.steps.translate import Translate
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME, a_client, a_record, an_invoice

DRAFT = a_record(an_invoice(status="draft"), at=1)
DELETED = a_record(Gone(), kind=ObjectKind.INVOICE, number=31, client=7, at=2)
LEAVES = a_mapping().replace('deleted = "lost"', 'deleted = "leave"')
NO_TABLE = a_mapping().split("[opportunity]", maxsplit=1)[0]


def said(mapping: str, *records: Record, drafts: bool = False) -> object:
    """Return what translate says of the Opportunity as it takes the last of the records."""
    settings = {ACME: A_CONNECTION.model_copy(update={"mapping": mapping, "drafts": drafts})}
    step = Translate({}, settings)
    entries = [it for record in records for it in step(record) if isinstance(it, AuditEntry)]
    return entries[-1].details.get("opportunity")


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ("", "the connection's setting: freshforce connections set acme drafts=true"),
        (a_mapping(drafts="false"), "becomes none by `drafts` of the mapping's [opportunity]"),
    ],
)
def test_a_draft_that_is_no_opportunity_yet_says_by_what_setting(mapping: str, why: str) -> None:
    told = str(said(mapping, a_record(a_client()), DRAFT))

    assert told.startswith("not written: a draft becomes none by `drafts`")
    assert told.endswith(why)


@pytest.mark.parametrize(
    ("mapping", "record", "why"),
    [
        (LEAVES, DELETED, 'left as it is: the invoice is deleted, `deleted = "leave"`'),
        (a_mapping(drafts="true\nwhen = \"{{ invoice.number == '7' }}\""), DRAFT, "not written: `when` of"),
        (NO_TABLE, DRAFT, "not written: the mapping has no [opportunity]"),
    ],
)
def test_each_rule_that_keeps_an_opportunity_back_is_named(mapping: str, record: Record, why: str) -> None:
    assert str(said(mapping, a_record(a_client()), a_record(an_invoice()), record)).startswith(why)


def test_an_invoice_that_was_gone_before_it_was_read_says_so() -> None:
    assert said("", a_record(a_client()), DELETED) == "not written: the invoice was gone before it was read"


def test_of_an_opportunity_that_is_written_nothing_is_said() -> None:
    assert said("", a_record(a_client()), a_record(an_invoice(), at=1)) is None
    assert said("", a_record(a_client()), DRAFT, drafts=True) is None


def test_old_news_says_nothing_of_the_opportunity() -> None:
    newer = a_record(an_invoice(status="draft"), at=3)

    assert said("", a_record(a_client()), newer, DRAFT) is None
