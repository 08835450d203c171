"""What a field gets: a fact, a literal or a template; and when there is a row at all."""

from decimal import Decimal

import pytest

from streams.domain.command import Field, Figure, Lookup, Stage
from streams.domain.errors import Permanent
from streams.domain.version import Version
from streams.ledger.head import Head
from streams.mapping.flaws import BadMapping, MappingFailed
from streams.mapping.reading import default_text, read
from tests.builders.mappings import a_mapping, account_of, gets, opportunity_of, rules_of, sold
from tests.builders.records import an_invoice

LATER = Version("2")


def a_figure(amount: str) -> Figure:
    return Figure(figure=Decimal(amount))


def cad(amount: str) -> Figure:
    return Figure(figure=Decimal(amount), currency="CAD")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('"client.email"', "ann@acme.example"),
        ('"client.fax"', None),
        ('{ from = "client.fax", else = "none" }', "none"),
        ('{ from = "client.email", else = "none" }', "ann@acme.example"),
        ('{ literal = "Customer" }', "Customer"),
        ('{ literal = "{{ not a template }}" }', "{{ not a template }}"),
        ("true", True),
        ("2026-10-01", "2026-10-01"),
        ("7", a_figure("7")),
        ("0.15", a_figure("0.15")),
        ('"sums.open_count"', a_figure("0")),
        ('"client.archived"', False),
    ],
)
def test_a_field_gets_a_fact_or_a_literal(line: str, value: Field) -> None:
    assert gets(line) == value


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('"{{ client.organization }} ({{ client.id }})"', "Acme (7)"),
        ('"{{ client.organization | upper }}"', "ACME"),
        ('"{{ client.fax }}"', None),
        ('"  {{ client.fax }} "', None),
        ('"fax: {{ client.fax }}"', "fax:"),
        ('"{{ client.fax | upper }}"', None),
        ('"{{ client.fax | default(client.email) }}"', "ann@acme.example"),
        ('"{% if client.fax %}fax{% else %}no fax{% endif %}"', "no fax"),
        ("\"{{ 'x' if client.fax }}\"", None),
        ("\"{{ client.organization == 'Acme' }}\"", True),
        ("\"{{ client.organization ~ '/' ~ client.fax ~ 0.50 }}\"", "Acme/0.50"),
        ("\"{{ client.organization | replace('c', 'k') | truncate(3) }}\"", "Akm"),
        ('"{{ client.fax is none }}"', True),
    ],
)
def test_a_template_makes_text_of_facts_and_a_lone_expression_keeps_its_type(line: str, value: Field) -> None:
    assert gets(line) == value


@pytest.mark.parametrize(
    ("expression", "amount"),
    [
        ("invoice.amount * 0.15", "1.1402003026230329041487839785"),
        ("invoice.amount + 0.1 + 0.2", "7.90133535082021936099189319"),
        ("-invoice.amount", "-7.60133535082021936099189319"),
        ("invoice.amount | round(2)", "7.60"),
        ("(invoice.amount / 3) | round(4)", "2.5338"),
        ("0.125 | round(2)", "0.13"),
        ("7 // 2", "3"),
        ("7.5 % 2", "1.5"),
        ("1 / 4", "0.25"),
        ("1_000.50 - 1", "999.50"),
    ],
)
def test_a_number_stays_exact(expression: str, amount: str) -> None:
    odd = an_invoice(amount="7.60133535082021936099189319")

    found = sold(f'"{{{{ {expression} }}}}"', odd)

    assert isinstance(found, Figure)
    assert found.figure == Decimal(amount)


def test_what_is_worked_out_of_an_amount_is_an_amount_of_its_currency() -> None:
    found = [sold(f'"{{{{ {expression} }}}}"') for expression in ("invoice.amount * 2", "7 * 2")]

    assert found == [
        Figure(figure=Decimal("200.00"), currency="CAD"),
        Figure(figure=Decimal(14)),
    ]


def test_no_float_comes_between() -> None:
    assert sold('"{{ 0.1 + 0.2 == 0.3 and 1.10 * 3 == 3.30 }}"') is True


def test_amounts_are_picked_by_their_currency_and_are_nothing_where_there_is_none() -> None:
    head = Head(counted=1, open=1, outstanding={"CAD": "21.94"})

    found = [gets(f"\"{{{{ sums.owed['{currency}'] }}}}\"", head) for currency in ("CAD", "USD")]

    assert found == [a_figure("21.94"), a_figure("0")]


def test_a_date_can_be_moved() -> None:
    assert sold('"{{ invoice.due_on | plus_days(14) }}"') == "2026-12-14"


def test_each_phase_has_the_stage_that_the_mapping_names() -> None:
    stages = {"won": '{ literal = "Bezahlt" }', "lost": "\"{{ 'Storno' if invoice.deleted else 'Weg' }}\""}
    text = a_mapping(**stages)

    rows = (opportunity_of(text, an_invoice(paid="100.00")), opportunity_of(text, gone=LATER))

    assert [row and row.fields["StageName"] for row in rows] == [
        Stage(phase="won", name="Bezahlt"),
        Stage(phase="lost", name="Storno"),
    ]


def test_a_deleted_invoice_has_nothing_paid_and_nothing_to_come_whatever_the_mapping_makes_of_it() -> None:
    text = a_mapping(opportunity='Paid__c = "invoice.paid"\nLeft__c = "{{ invoice.outstanding + 0 }}"')
    partly = an_invoice(paid="20.00")

    rows = (opportunity_of(text, partly), opportunity_of(text, partly, gone=LATER))

    shown = [row and (row.fields["Paid__c"], row.fields["Left__c"]) for row in rows]
    assert shown == [(cad("20.00"), cad("80.00")), (cad("0"), cad("0"))]


def test_a_draft_becomes_an_opportunity_where_the_mapping_wants_it() -> None:
    draft = an_invoice(status="draft")

    assert opportunity_of(a_mapping(), draft) is None
    assert opportunity_of(a_mapping(drafts="true"), draft)
    assert opportunity_of(a_mapping(drafts='"{{ invoice.amount > 50 }}"'), draft)
    assert opportunity_of(a_mapping(drafts='"{{ invoice.amount > 500 }}"'), draft) is None


def test_a_deleted_invoice_is_lost_unless_the_mapping_leaves_it() -> None:
    left = default_text().replace('deleted = "lost"', 'deleted = "leave"')

    lost = opportunity_of(a_mapping(), gone=LATER)

    assert lost
    assert lost.fields["StageName"] == Stage(phase="lost", name="Closed Lost")
    assert opportunity_of(left, gone=LATER) is None
    assert opportunity_of(left)


def test_a_deleted_client_keeps_its_account_up_to_date_unless_the_mapping_leaves_it() -> None:
    left = default_text().replace('deleted = "write"', 'deleted = "leave"', 1)

    assert account_of(default_text(), gone=LATER)
    assert account_of(left, gone=LATER) is None
    assert account_of(left)


def test_an_object_without_a_table_is_not_written() -> None:
    text = default_text()
    accounts_only = text[: text.index("[contact]")]

    assert account_of(accounts_only)
    assert opportunity_of(accounts_only) is None


def test_rows_can_be_wanted_on_a_condition() -> None:
    text = default_text().replace("[opportunity]\n", '[opportunity]\nwhen = "{{ invoice.amount >= 100 }}"\n')

    assert opportunity_of(text, an_invoice(amount="100.00"))
    assert opportunity_of(text, an_invoice(amount="99.99")) is None


def test_children_refer_to_their_account_under_any_name_of_the_relationship() -> None:
    row = opportunity_of(a_mapping(opportunity='Payer__r = "client.account"'))

    assert row
    assert row.fields["Payer__r"] == Lookup(
        external_id_field="FreshBooks_Client_Id__c", external_id="p7rQW5:7"
    )


def test_a_template_that_has_no_result_for_a_record_names_its_place_and_no_value() -> None:
    text = a_mapping(opportunity='X__c = "{{ 1 / (invoice.amount - 77) }}"')

    with pytest.raises(MappingFailed) as raised:
        opportunity_of(text, an_invoice(amount="77"))

    assert isinstance(raised.value, Permanent)
    assert str(raised.value) == "mapping: opportunity.fields.X__c: a division by zero"
    assert "freshforce mapping check" in raised.value.mend


def test_the_version_follows_what_the_file_says_and_not_how_it_is_written() -> None:
    text = default_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    same = "\n".join(lines).replace('"client.fax"', "'client.fax'")
    other = text.replace('Fax = "client.fax"\n', "")

    versions = [rules_of(each).version for each in (text, same, other)]

    assert versions[0] == versions[1] != versions[2]
    assert rules_of("").version == versions[0]
    assert read("").hash == read(same).hash


def test_no_mapping_makes_an_opportunity_without_fields_which_would_say_that_its_invoice_went_away() -> None:
    for subject in (an_invoice(), an_invoice(status="draft"), an_invoice(paid="100.00")):
        row = opportunity_of(a_mapping(drafts="true"), subject)

        assert row
        assert row.fields.keys() >= {"Name", "StageName", "CloseDate"}

    bare = default_text().partition("[opportunity.fields]")[0] + "[opportunity.fields]\n"
    with pytest.raises(BadMapping) as raised:
        read(bare)
    missing = {flaw.says for flaw in raised.value.flaws}
    assert missing == {"Name is missing", "StageName is missing", "CloseDate is missing"}
