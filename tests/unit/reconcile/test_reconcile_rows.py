"""The log against Salesforce: what could not be compared is said, never left out."""

from collections.abc import Sequence

from app.reconcile.compare_rows import RowComparison
from app.reconcile.difference import Difference, Explained, Named, Sort, Why
from app.reconcile.held import SUMS, Held, tells_sums
from app.reconcile.told import Told
from app.salesforce.shape.describe import Shape
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.identity import ObjectKind
from streams.domain.record import Record
from streams.mapping.reading import read
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME, MORNING, a_client, a_record, an_invoice

CLIENT, INVOICE = Named(ObjectKind.CLIENT, 7), Named(ObjectKind.INVOICE, 31)
FAILS = a_mapping(account='X__c = "{{ 1 / (sums.invoice_count - 1) }}"')
"""Has no result for a client with one invoice."""


def worked(*records: Record) -> Told:
    told = Told()
    for record in records:
        told.record(record)
        told.entry(said(record), 0)
    return told


def said(record: Record, verdict: Verdict = Verdict.UNCHANGED) -> AuditEntry:
    return AuditEntry(
        id=audit_id(Step.TRANSLATE, verdict, record.id),
        connection=ACME,
        client=record.client,
        step=Step.TRANSLATE,
        verdict=verdict,
        cause=record.id,
        object=record.object,
        object_id=record.object_id,
        rule="mapping-failed",
    )


def compared(told: Told, mapping: str = "") -> Sequence[Difference | Explained]:
    connection = A_CONNECTION.model_copy(update={"mapping": mapping})
    return [*RowComparison(connection, told, Held(MORNING), {}).all()]


def test_a_client_for_whom_the_mapping_has_no_result_is_a_difference_and_is_told_why() -> None:
    (found,) = compared(worked(a_record(a_client()), a_record(an_invoice())), FAILS)

    assert isinstance(found, Difference)
    assert (found.sort, found.named) == (Sort.NOT_COMPARED, CLIENT)
    assert "account.fields.X__c" in found.says
    assert "freshforce mapping check" in found.says


def test_where_that_is_a_dead_letter_already_it_is_explained_by_it() -> None:
    record = a_record(an_invoice())
    told = worked(a_record(a_client()), record)
    told.entry(said(record, Verdict.DEAD_LETTER), 0)

    (found,) = compared(told, FAILS)

    assert found == Explained(Why.DEAD, INVOICE, "mapping-failed", "its rows")


def test_a_dead_letter_of_another_cause_does_not_explain_that_a_client_was_not_compared() -> None:
    record = a_record(an_invoice())
    told = worked(a_record(a_client()), record)
    told.entry(said(record, Verdict.DEAD_LETTER).model_copy(update={"rule": "refused"}), 0)

    (found,) = compared(told, FAILS)

    assert isinstance(found, Difference)
    assert found.sort is Sort.NOT_COMPARED


def test_rows_of_what_translate_buried_are_dead_letters_and_not_of_another_mapping() -> None:
    record = a_record(an_invoice())
    told = worked(a_record(a_client()), record)
    told.entry(said(record, Verdict.DEAD_LETTER), 0)

    found = {(it.row.split()[0], it.why, it.named) for it in compared(told) if isinstance(it, Explained)}

    assert ("Opportunity", Why.DEAD, INVOICE) in found
    assert ("Account", Why.DEAD, INVOICE) in found


def test_accounts_tell_sums_where_the_mapping_writes_them_and_the_org_has_the_fields() -> None:
    here = Shape("Account", {}, frozenset(), "", frozenset(SUMS))

    assert tells_sums(read(""), here)
    assert not tells_sums(read(""), Shape("Account", {}, frozenset(), "", frozenset()))
    for instead in ('Description = "sums.paid"', 'FreshBooks_Paid__c = "client.email"'):
        text = a_mapping().replace('FreshBooks_Paid__c = "sums.paid"', instead)
        assert not tells_sums(read(text), here)
