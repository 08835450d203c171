from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.salesforce.api.soql import ROOM, begins, in_lists, text
from app.sandbox.salesforce.soql.tokens import Kind, tokens, unquoted


@given(st.text())
def test_a_value_never_leaves_its_quotes(value: str) -> None:
    found = tokens(text(value))

    assert [token.kind for token in found] == [Kind.TEXT, Kind.END]
    assert unquoted(found[0].text) == value or "\\%" in value or "\\_" in value


def test_wildcards_in_a_prefix_mean_themselves() -> None:
    assert begins("a_b%'") == "'a\\_b\\%\\'%'"


@given(st.lists(st.text(max_size=40), max_size=60), st.integers(400, 3000))
def test_long_lists_are_cut_so_that_each_query_fits(values: list[str], room: int) -> None:
    queries = list(in_lists("SELECT Id FROM Account WHERE Name IN", values, " LIMIT 5", room))

    assert all(len(quote(query, safe="")) <= room for query in queries)
    listed = [each for query in queries for each in _listed(query)]
    assert listed == [text(value) for value in dict.fromkeys(values)]


def _listed(query: str) -> list[str]:
    return [token.text for token in tokens(query) if token.kind is Kind.TEXT]


@pytest.mark.parametrize("values", [[], ["a", "a"]])
def test_no_value_is_asked_for_twice_and_none_for_nothing(values: list[str]) -> None:
    queries = list(in_lists("SELECT Id FROM Account WHERE Name IN", values))

    assert queries == ([] if not values else ["SELECT Id FROM Account WHERE Name IN ('a')"])


def test_ten_thousand_addresses_are_few_queries_each_below_salesforces_limit() -> None:
    values = [f"someone.{number}@example.com" for number in range(10_000)]

    queries = list(in_lists("SELECT Id FROM Account WHERE FreshBooks_Email__c IN", values))

    assert all(len(quote(query, safe="")) <= ROOM < 16_384 for query in queries)
    assert 25 <= len(queries) <= 40
