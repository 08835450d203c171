"""A value that the org has no room for is refused before any call, with the row, its field and the mend."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from app.salesforce.lanes.lanes import Lanes
from app.salesforce.shape.describe import shape_of
from app.salesforce.shape.fitting import fitted
from app.salesforce.shape.misfit import Misfit
from streams.domain.command import Command, Field, Figure
from streams.domain.deadletter import retry
from streams.ports import Answer, Applied, Rejected
from tests.builders.lanes import all_of, applied, lanes_to, objects
from tests.builders.salesforce import a_field, an_account, an_opportunity, described
from tests.fakes.salesforce_wire import FIELDS, FakeWire
from tests.fakes.virtual_time import simulate


def choices(*values: str, name: str = "StageName", restricted: bool = True, off: str = "") -> dict[str, Any]:
    listed = [{"value": value, "label": value, "active": value != off} for value in values]
    return a_field(name, "picklist", 255, restrictedPicklist=restricted, picklistValues=listed)


def money(
    name: str = "Amount", precision: int = 18, scale: int = 2, kind: str = "currency"
) -> dict[str, Any]:
    return a_field(name, kind, precision=precision, scale=scale)


def fit(field: dict[str, Any], value: Field) -> dict[str, Any]:
    row: dict[str, Any] = {}
    fitted({field["name"]: value}, shape_of(described("Opportunity", field)), row, set())
    return row


def figure(amount: str) -> Figure:
    return Figure(figure=Decimal(amount))


@pytest.mark.parametrize(
    ("field", "amount"),
    [
        (money(), "9999999999999999.99"),
        (money(), "-9999999999999999.99"),
        (money(), "12.500"),
        (money(), "0E+40"),
        (money(precision=5, scale=0), "99999.00"),
        (money(precision=2, scale=2), "0.99"),
        (a_field("Amount", "int", digits=8), "12345678"),
        (a_field("Amount", "double"), "123456789.123456789"),
        (money(precision=-3, scale=9), "1.5"),
    ],
)
def test_an_amount_that_fits_is_written(field: dict[str, Any], amount: str) -> None:
    assert "Amount" in fit(field, figure(amount))


@pytest.mark.parametrize(
    ("field", "amount"),
    [
        (money(), "10000000000000000"),
        (money(), "1E+16"),
        (money(), "0.001"),
        (money(), "12.505"),
        (money(precision=5, scale=0), "100000"),
        (money(precision=5, scale=0), "1.5"),
        (a_field("Amount", "int", digits=8), "123456789"),
        (money(precision=40, scale=20), "1." + "1" * 22),
        (money(precision=2, scale=2), "1.99"),
    ],
)
def test_an_amount_that_salesforce_would_refuse_or_round_is_a_misfit(
    field: dict[str, Any], amount: str
) -> None:
    with pytest.raises(Misfit, match="NUMBER_OUTSIDE_VALID_RANGE Amount"):
        fit(field, figure(amount))


@pytest.mark.parametrize("value", ["Prospecting", "closed won"])
def test_a_choice_that_the_picklist_has_is_written(value: str) -> None:
    assert fit(choices("Prospecting", "Closed Won"), value) == {"StageName": value}


def test_an_unrestricted_picklist_takes_anything() -> None:
    assert fit(choices("Prospecting", restricted=False), "Anything") == {"StageName": "Anything"}


@pytest.mark.parametrize("value", ["Lost", "Old"])
def test_a_choice_that_is_not_there_or_no_longer_in_use_is_a_misfit(value: str) -> None:
    with pytest.raises(Misfit, match="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST StageName"):
        fit(choices("Prospecting", "Old", off="Old"), value)


def narrow(**fields: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    kept = [field for field in FIELDS["Opportunity"] if field["name"] not in fields]
    return FIELDS | {"Opportunity": [*kept, *fields.values()]}


async def refused(wire: FakeWire, command: Command) -> Answer:
    lanes = lanes_to(wire)
    await lanes.write(an_account(1))
    return await lanes.write(command)


def test_an_amount_too_large_names_record_field_cause_and_mend_and_costs_no_call() -> None:
    wire = FakeWire()
    wire.fields = narrow(Amount=money(precision=6, scale=2))

    answer = simulate(refused(wire, an_opportunity(10, 1, "12345.00")))

    assert isinstance(answer, Rejected)
    assert (answer.code, answer.fields) == ("NUMBER_OUTSIDE_VALID_RANGE", ("Amount",))
    assert answer.reason == (
        "Opportunity ACC1:10: the number does not fit the field (Amount): "
        "it takes at most 4 digits before the point and 2 behind it"
    )
    assert answer.mend.startswith(
        f"widen the field, then {retry(answer.code)}; or correct it in FreshBooks, "
    )
    assert objects(wire) == [("Account", 1)]


def test_a_stage_that_the_org_lacks_names_record_field_cause_and_mend_and_not_the_value() -> None:
    wire = FakeWire()
    wire.fields = narrow(StageName=choices("Prospecting"))

    answer = simulate(refused(wire, an_opportunity(10, 1)))

    assert isinstance(answer, Rejected)
    assert answer.reason.startswith("Opportunity ACC1:10: the picklist does not have this value (StageName)")
    assert answer.mend.startswith("add the value to the picklist")
    assert "Negotiation" not in answer.reason
    assert objects(wire) == [("Account", 1)]


def test_one_misfit_among_many_rows_goes_alone() -> None:
    wire = FakeWire()
    wire.fields = narrow(Amount=money(precision=6, scale=2))
    rows = [an_opportunity(n, 1, "99999.00" if n == 15 else "1.00") for n in range(10, 30)]

    answers = simulate(all_of(lanes_to(wire), an_account(1), *rows))

    assert applied(answers) == 20
    assert [n for n, answer in enumerate(answers[1:], 10) if isinstance(answer, Rejected)] == [15]
    assert objects(wire) == [("Account", 1), ("Opportunity", 19)]


async def mended_after_a_refusal(wire: FakeWire) -> Lanes:
    """Return the lanes to an org that refused an Opportunity's stage, and that has that stage by now."""
    wire.fields = narrow(StageName=choices("Prospecting"))
    lanes = lanes_to(wire)
    await lanes.write(an_account(1))
    assert isinstance(await lanes.write(an_opportunity(10, 1)), Rejected)
    wire.fields = FIELDS
    return lanes


def test_no_row_is_refused_by_an_old_look_at_the_org() -> None:
    wire = FakeWire()

    async def story() -> Answer:
        lanes = await mended_after_a_refusal(wire)
        await asyncio.sleep(90)
        return await lanes.write(an_opportunity(10, 1, version=2))

    assert isinstance(simulate(story()), Applied)
    assert wire.describes["Opportunity"] == 2


def test_a_row_that_a_person_asks_for_is_not_refused_by_a_look_from_before_that() -> None:
    async def story() -> Answer:
        lanes = await mended_after_a_refusal(FakeWire())
        return await lanes.write(an_opportunity(10, 1).model_copy(update={"nonce": "0123456789abcdef"}))

    assert isinstance(simulate(story()), Applied)


def test_many_misfits_do_not_make_us_look_at_the_org_again_and_again() -> None:
    wire = FakeWire()
    wire.fields = narrow(StageName=choices("Prospecting"))

    async def story() -> None:
        lanes = lanes_to(wire)
        await lanes.write(an_account(1))
        for invoice in range(10, 40):
            assert isinstance(await lanes.write(an_opportunity(invoice, 1)), Rejected)

    simulate(story())

    assert wire.describes["Opportunity"] == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("double", "abc"), ("currency", "12,50"), ("int", "NaN"), ("double", True)),
        *(("date", "31.12.2026"), ("date", "2026-13-45"), ("date", "2026-02-29T00:00:00Z")),
        *(("date", "2026-03-0\N{ARABIC-INDIC DIGIT FIVE}"), ("double", "\N{ARABIC-INDIC DIGIT FIVE}")),
        *(("date", figure("5")), ("boolean", "yes"), ("boolean", figure("1"))),
        *(("string", figure("5")), ("textarea", False), ("picklist", figure("5")), ("email", figure("5"))),
    ],
)
def test_a_value_of_another_type_than_the_field_is_a_misfit(kind: str, value: Field) -> None:
    with pytest.raises(Misfit, match="INVALID_TYPE_ON_FIELD_IN_RECORD Own__c"):
        fit(a_field("Own__c", kind, 40), value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("double", "12.50"), ("int", "-3"), ("percent", " 1e2 "), ("currency", ""), ("boolean", "True")),
        *(("date", "2026-12-31"), ("date", "2026-12-31T00:00:00Z"), ("date", ""), ("boolean", False)),
        *(("string", "5"), ("reference", "005000000000001AAA"), ("location", figure("5")), ("datetime", "x")),
    ],
)
def test_a_value_that_some_org_takes_for_the_fields_type_is_written(kind: str, value: Field) -> None:
    assert "Own__c" in fit(a_field("Own__c", kind, 40), value)


def test_a_currency_that_is_not_active_is_a_misfit_where_the_org_has_currencies_and_nothing_elsewhere() -> (
    None
):
    with pytest.raises(Misfit, match="CurrencyIsoCode"):
        fit(choices("USD", "EUR", name="CurrencyIsoCode"), "CAD")

    missing: set[str] = set()
    assert fitted({"CurrencyIsoCode": "CAD"}, shape_of(described("Opportunity")), {}, missing) == ()
    assert missing == {"CurrencyIsoCode"}
