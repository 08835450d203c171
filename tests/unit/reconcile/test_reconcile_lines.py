"""Products of Opportunities against the log: their sum is the invoice's, and what failed is told."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from app.reconcile.compare_rows import RowComparison
from app.reconcile.difference import Difference, Explained, Named, Sort, Why
from app.reconcile.held import COMPARED, Held
from app.reconcile.told import Told
from app.salesforce.shape.describe import Shape
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import Command, SObject
from streams.domain.identity import ObjectKind, SalesforceId
from streams.domain.result import Outcome, Result
from streams.steps.id_map import Delivered, IdMap, row_key, short
from streams.steps.translate import Translate
from tests.builders.itemised import a_line, itemising, with_lines
from tests.builders.records import A_CONNECTION, ACME, MORNING, a_client, a_record

INVOICE = Named(ObjectKind.INVOICE, 31)
ITEMISING = A_CONNECTION.model_copy(update={"mapping": itemising()})
RECORDS = a_record(a_client()), a_record(with_lines("100.00", a_line()), at=1)
SALE = {"HasOpportunityLineItem": True, "Amount": Decimal("100.00")}


def commands() -> list[Command]:
    step = Translate({}, {ACME: ITEMISING})
    return [it for record in RECORDS for it in step(record) if isinstance(it, Command)]


def lines() -> Command:
    (its,) = (it for it in commands() if it.sobject is SObject.LINES)
    return its


def compared(
    sale: dict[str, Any], *said: AuditEntry, theirs: str = "0", there: str = "006"
) -> Sequence[Difference | Explained]:
    """Return what is told of lines; all was delivered, they to a row `there` (empty: they are absent)."""
    told, id_map, held = Told(lines=True), IdMap({}), Held(MORNING)
    for record in RECORDS:
        told.record(record)
    for it in commands():
        found = there if it.sobject is SObject.LINES else "001"
        id_map.put(row_key(it.row), Delivered(SalesforceId(found), it.version, short(it)))
    for entry in said:
        told.entry(entry, 0)
        id_map.put(row_key(lines().row), Delivered(SalesforceId("006"), 0, b"earlier!"))
    held.shapes = dict.fromkeys(SObject, Shape("", {}, frozenset()))
    held.rows = {(it.sobject, it.external_id): {} for it in commands() if it.sobject in COMPARED}
    held.rows[SObject.OPPORTUNITY, lines().external_id] = sale
    held.theirs[lines().external_id] = Decimal(theirs)
    told._open.clear()
    told_of = RowComparison(ITEMISING, told, held, id_map.state).all()
    return [it for it in told_of if SObject.LINES.value in it.row]


def ended(verdict: Verdict, code: str = "inactive-price") -> AuditEntry:
    its = lines()
    row = Result(
        command=its.id,
        outcome=Outcome(verdict.value),
        sobject=its.sobject,
        external_id=its.external_id,
        version=its.version,
        code=code,
    )
    return AuditEntry(
        id=audit_id(Step.DELIVER, verdict, its.id),
        connection=ACME,
        client=its.client,
        step=Step.DELIVER,
        verdict=verdict,
        cause=its.id,
        rule=code,
        result=row,
    )


def test_products_that_make_the_invoice_s_amount_are_no_difference() -> None:
    assert compared(SALE) == []


def test_products_that_a_person_changed_are_one_with_both_amounts() -> None:
    (found,) = compared(SALE | {"Amount": Decimal("60.00")})

    assert isinstance(found, Difference)
    assert (found.sort, found.named, found.lies_in_salesforce) == (Sort.UNKNOWN_CHANGE, INVOICE, True)
    assert found.fields == {"Amount": ("100.00", "60.00")}


def test_products_that_a_person_took_away_are_one_though_the_amount_stayed() -> None:
    (found,) = compared(SALE | {"HasOpportunityLineItem": False})

    assert isinstance(found, Difference)
    assert found.fields == {"HasOpportunityLineItem": (True, False)}


def test_what_people_add_of_their_own_is_theirs_and_no_difference() -> None:
    assert compared(SALE | {"Amount": Decimal("105.00")}, theirs="5.00") == []
    assert compared(SALE | {"Amount": Decimal("100.00")}, theirs="5.00")


def test_an_opportunity_without_products_for_a_known_reason_is_no_difference() -> None:
    assert compared({"HasOpportunityLineItem": False, "Amount": None}, there="") == []


@pytest.mark.parametrize(("verdict", "why"), [(Verdict.DEAD_LETTER, Why.DEAD), (Verdict.PARKED, Why.PARKED)])
def test_lines_that_failed_or_wait_are_told_as_such(verdict: Verdict, why: Why) -> None:
    (found,) = compared(SALE, ended(verdict))

    assert isinstance(found, Explained)
    assert (found.why, found.named) == (why, INVOICE)
    assert "inactive-price" in found.says
