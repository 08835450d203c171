"""The Account that a joined client had before: what of it shows money is emptied, all else stays."""

from streams.domain.identity import ClientId
from streams.domain.version import Version
from streams.ledger.facts import ClientFacts
from streams.ledger.pages import ClientPage
from streams.mapping.row import Row
from streams.mapping.rows import left
from tests.builders.mappings import a_mapping, rules_of
from tests.builders.records import a_client

OWED = "FreshBooks_Outstanding__c"


def left_by(text: str, *, gone: str = "") -> Row:
    page = ClientPage(ClientFacts.of(Version("1"), a_client()), gone=gone, home=9)
    return left(rules_of(text), ClientId(7), page)


def test_all_that_shows_sums_is_emptied_and_nothing_else() -> None:
    fields = left_by(a_mapping()).fields

    assert fields[OWED] is None
    assert "Name" not in fields
    assert set(fields.values()) == {None}


def test_a_field_whose_template_says_the_same_of_little_and_of_nothing_is_told_anew_too() -> None:
    line = """X__c = "{{ 'big' if sums.open_count > 9 else 'small' }}\""""

    assert left_by(a_mapping(account=line)).fields["X__c"] == "small"


def test_the_account_of_a_deleted_client_is_left_alone_where_the_mapping_says_so() -> None:
    assert left_by(a_mapping(deleted='"leave"'), gone="9").fields == {}
