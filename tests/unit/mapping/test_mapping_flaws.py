"""What cannot work is refused, each place with its line, its key and the mend."""

import pytest

from streams.mapping.flaws import BadMapping, Flaw
from streams.mapping.reading import LONGEST_FILE, accepted, default_text
from tests.builders.mappings import a_mapping


def flaws(text: str) -> tuple[Flaw, ...]:
    with pytest.raises(BadMapping) as raised:
        accepted(text)
    return raised.value.flaws


def the_flaw(text: str) -> Flaw:
    found = flaws(text)
    assert len(found) == 1, found
    return found[0]


def line_of(text: str, beginning: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(beginning))


@pytest.mark.parametrize(
    ("line", "says", "mend"),
    [
        ('"client.phnoe"', "there is no fact client.phnoe here", "did you mean client.phone?"),
        ('"order.box"', "there is no fact order.box here", "freshforce mapping names"),
        ('"Customer"', "is no value of a field", '{ literal = "a text" }'),
        ('""', "is no value of a field", "literal"),
        ('{ literal = "" }', "is an empty text", "leave the line out"),
        ('{ litteral = "x" }', "is no value of a field", "literal"),
        ('{ literal = "x", more = 1 }', "cannot be used: more", "literal"),
        ('{ from = "client.fax", else = 5 }', "client.fax is text, its else is not", "alike"),
        ('{ from = "client.fax", else = "client.fax", literal = "x" }', "cannot be used: from", "literal"),
        ("[1, 2]", "is no value of a field", "literal"),
        ("2026-10-01T10:00:00Z", "is no literal", "a date"),
        ("1" * 41, "more digits than can be written", "fewer digits"),
        ("1e999999999", "more digits than can be written", "fewer digits"),
        ("inf", "more digits than can be written", "fewer digits"),
        ('"sums.owed"', "sums.owed is amounts by currency", "sums.owed['CAD']"),
        ('"{{ client.phnoe }}"', "there is no fact client.phnoe here", "did you mean client.phone?"),
        ('"{{ phone }}"', "there is no fact phone here", "mapping names"),
        ('"{{ client.phone "', "Jinja: unexpected end of template", "Jinja documentation"),
        ('"{{ client.phone | shout }}"', "there is no filter shout", "the filters are upper"),
        ('"{{ client.phone is odd }}"', "there is no test odd", "is none"),
        ('"{% for x in client.phone %}x{% endfor %}"', "for is not allowed here", "operators"),
        ('"{{ client.organization > 5 }}"', "for a client with everything: values that do not", "default"),
        ('"{{ client.fax + 1 }}"', "for a client with everything: a text is no number", "default(0)"),
        ('"client.account"', "there is no fact client.account here", "client.account_name"),
    ],
)
def test_a_value_that_cannot_be_names_its_line_and_the_mend(line: str, says: str, mend: str) -> None:
    text = a_mapping(account=f"X__c = {line}")

    flaw = the_flaw(text)

    assert (flaw.key, flaw.line) == ("account.fields.X__c", line_of(text, "X__c"))
    assert says in flaw.says
    assert mend in flaw.mend


@pytest.mark.parametrize(
    ("old", "new", "key", "says"),
    [
        ("edition = 1", "edition = 2", "edition", "is not 1"),
        ("edition = 1", "", "edition", "is not 1"),
        ("[contact]", "[contacts]", "contacts", "is no key here"),
        ("[contact.fields]", "[contact.felds]", "contact.felds", "is no key here"),
        ("drafts = ", "draft = ", "opportunity.draft", "is no key here"),
        ('deleted = "lost"', 'deleted = "write"', "opportunity.deleted", "is no such choice"),
        ('drafts = "connection.drafts"', 'drafts = "yes"', "opportunity.drafts", "is no value"),
        ('drafts = "connection.drafts"', "drafts = 1", "opportunity.drafts", "neither true nor false"),
        ('drafts = "connection.drafts"', 'drafts = "{{ 1 }}"', "opportunity.drafts", "neither true"),
        ('when = "client.has_person"', 'when = "client.email"', "contact.when", "neither true nor false"),
        ('won = "connection.stage_won"', "won = 1", "opportunity.stages.won", "no name of a stage"),
        ('won = "connection.stage_won"', 'won = "invoice.stage"', "opportunity.stages.won", "no fact"),
        ("won = ", "gewonnen = ", "opportunity.stages.gewonnen", "is no key here"),
        ('Name = "client.account_name"', "", "account.fields", "Name is missing"),
        ('Name = "client.account_name"', 'Id = "client.id"', "account.fields.Id", "by Freshforce itself"),
        ("\nPhone = ", "\nBad-Name = ", "account.fields.Bad-Name", "is no name of a field"),
        ("Fax = ", "phone = ", "account.fields.phone", "is the same field as Phone"),
        ('StageName = "invoice.stage"', "", "opportunity.fields", "StageName is missing"),
        ('HomePhone = "', 'Owner__r = "', "contact.fields.Owner__r", "takes a reference"),
        (
            'HomePhone = "client.home_phone"',
            'HomePhone = "client.account"',
            "contact.fields.HomePhone",
            "takes no",
        ),
    ],
)
def test_what_is_wrong_around_the_values_is_named_too(old: str, new: str, key: str, says: str) -> None:
    text = default_text()
    assert old in text

    found = flaws(text.replace(old, new, 1))

    assert key in [flaw.key for flaw in found]
    assert any(says in flaw.says and flaw.mend for flaw in found if flaw.key == key)


def test_every_flaw_is_told_at_once_in_the_order_of_the_file() -> None:
    text = a_mapping(account='X__c = "client.x"\nY__c = "y"', opportunity="Z__c = {}", drafts="5")

    found = flaws(text)

    assert [flaw.key for flaw in found] == [
        *("account.fields.X__c", "account.fields.Y__c"),
        *("opportunity.drafts", "opportunity.fields.Z__c"),
    ]
    assert [flaw.line for flaw in found] == sorted(line_of(text, f.key.rpartition(".")[2]) for f in found)


def test_text_that_is_no_toml_names_its_line() -> None:
    flaw = the_flaw("edition = 1\n[account\n")

    assert (flaw.line, flaw.says[:8]) == (2, "no TOML:")


def test_a_number_that_python_will_not_read_is_a_flaw_as_any_other() -> None:
    assert the_flaw("edition = " + "9" * 10_000).says.startswith("no TOML")


def test_a_file_without_end_is_refused() -> None:
    assert "longer than" in the_flaw("#" * (LONGEST_FILE + 1)).says


@pytest.mark.parametrize("depth", [5_000, 30_000])
def test_a_file_of_brackets_alone_is_refused(depth: int) -> None:
    assert "TOML" in the_flaw("x = " + "[" * depth).says


def test_a_mapping_without_accounts_is_refused() -> None:
    text = default_text()

    assert "account" in [flaw.key for flaw in flaws("edition = 1\n" + text[text.index("[contact]") :])]


def test_a_template_is_tried_only_where_there_would_be_a_row() -> None:
    needs_mail = "\"{{ 'yes' if '@' in client.email else 'no' }}\""
    text = default_text().replace("[contact.fields]\n", f"[contact.fields]\nX__c = {needs_mail}\n")

    accepted(text)

    assert "client without a name" in the_flaw(a_mapping(account=f"X__c = {needs_mail}")).says


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('Name = "client.organization"', "a client without a name"),
        ('StageName = "{{ invoice.stage if invoice.won }}"', "a partly paid invoice"),
    ],
)
def test_a_field_that_no_row_is_taken_without_must_always_get_something(line: str, name: str) -> None:
    field, _, value = line.partition(" = ")

    flaw = the_flaw(a_mapping(**{field: value}))

    assert f"for {name} it is nothing: Salesforce takes no" in flaw.says
    assert "default" in flaw.mend


def test_the_refusal_tells_a_person_all_of_it() -> None:
    text = a_mapping(account='X__c = "client.phnoe"')

    with pytest.raises(BadMapping) as raised:
        accepted(text)

    line = line_of(text, "X__c")
    assert f"line {line} account.fields.X__c: there is no fact client.phnoe here" in str(raised.value)
    assert "did you mean client.phone?" in str(raised.value)
