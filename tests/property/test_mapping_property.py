"""Mappings under random histories, random numbers and random nonsense."""

from collections.abc import Iterator
from contextlib import suppress
from decimal import Context, Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.mapping.rehearsal import Rehearsal, Sort
from streams.domain.command import Command, Figure, SObject
from streams.domain.connection import Connection
from streams.domain.record import Record
from streams.ledger.books import Books
from streams.mapping.bare import BadTemplate
from streams.mapping.catalogue import SCOPES
from streams.mapping.fact import Kind
from streams.mapping.flaws import BadMapping
from streams.mapping.gallery import TERMS, sales
from streams.mapping.reading import accepted, default_text, read
from streams.mapping.rows import every
from streams.mapping.rules import Rules
from streams.mapping.template import FAILURES, compiled
from streams.steps.translate import Translate
from tests.builders.histories import a_history
from tests.builders.mappings import a_mapping, sold
from tests.builders.records import A_CONNECTION, ACME, an_invoice
from tests.builders.shown import settled, shown
from tests.model import Rows

SEEDS = st.integers(0, 2**32)
DEEDS = st.integers(1, 12)
CLIENT_TOO = a_mapping(
    account="Open__c = \"{{ sums.owed['CAD'] + sums.owed['USD'] }}\"",
    opportunity="""Mail__c = "client.email"
Gone__c = "client.deleted"
Called__c = "{{ client.organization or 'nobody' }}"
Half__c = "{{ invoice.amount / 2 }}"
""",
)
LEAVING = CLIENT_TOO.replace('deleted = "write"', 'deleted = "leave"')
CHOOSY = default_text().replace("[opportunity]\n", '[opportunity]\nwhen = "{{ not client.deleted }}"\n')
DRAFTED = a_mapping(drafts="\"{{ client.last_name == 'Lea' }}\"")
MAPPINGS = st.sampled_from([default_text(), CLIENT_TOO, LEAVING, CHOOSY, DRAFTED, a_mapping(drafts="true")])


def a_connection(text: str) -> Connection:
    return A_CONNECTION.model_copy(update={"mapping": text})


def translated(records: list[Record], text: str, ledger: dict[bytes, bytes]) -> Iterator[Command]:
    step = Translate(ledger, {ACME: a_connection(text)})
    for record in records:
        yield from (it for it in step(record) if isinstance(it, Command))


def whole(text: str, ledger: dict[bytes, bytes]) -> Rows:
    """All rows of the one client, worked out from its books at once."""
    rules, books = Rules.of(a_connection(text)), Books.opened(ledger, "acme:7")
    rows = every(rules, TERMS_CLIENT, books)
    return {(row.sobject.value, row.external_id): shown(row.fields) for row in rows}


TERMS_CLIENT = next(sales(read(""), TERMS))[1].number


@given(SEEDS, DEEDS, MAPPINGS)
@settings(max_examples=120, deadline=None)
def test_rows_that_came_one_by_one_are_those_that_the_books_call_for(
    seed: int, deeds: int, text: str
) -> None:
    random, ledger = Random(seed), dict[bytes, bytes]()
    records, _ = a_history(random.randrange, deeds)
    log = random.sample([*records, *records], 2 * len(records))

    rows = settled(translated(log, text, ledger))

    wanted = whole(text, ledger)
    assert {name: rows.get(name) for name in wanted} == wanted


@given(SEEDS, DEEDS, MAPPINGS, MAPPINGS)
@settings(max_examples=80, deadline=None)
def test_a_rehearsal_tells_exactly_the_rows_that_differ(seed: int, deeds: int, old: str, new: str) -> None:
    records, _ = a_history(Random(seed).randrange, deeds)
    rehearsal = Rehearsal(Rules.of(a_connection(old)), Rules.of(a_connection(new)))
    ledger: dict[bytes, bytes] = {}
    list(translated(records, old, ledger))
    before, after = whole(old, ledger), whole(new, ledger)

    for record in records:
        rehearsal.learn(record)
    found = {(it.sobject.value, it.external_id): it for it in rehearsal.differences()}

    assert set(found) == {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert {name for name, it in found.items() if it.sort is Sort.ADDED} == set(after) - set(before)
    assert {name for name, it in found.items() if it.sort is Sort.DROPPED} == set(before) - set(after)
    assert rehearsal.tally.rows == len(before)


AMOUNTS = st.decimals("-1e18", "1e18", allow_nan=False, places=8)


@given(AMOUNTS, AMOUNTS, st.sampled_from("+-*"))
def test_sums_differences_and_products_lose_no_digit(left: Decimal, right: Decimal, sign: str) -> None:
    wide, scope = Context(prec=200), SCOPES[SObject.OPPORTUNITY]
    exactly = {"+": wide.add, "-": wide.subtract, "*": wide.multiply}[sign](left, right)

    found = compiled(f"{{{{ ({left:f}) {sign} ({right:f}) }}}}", scope)(None)

    assert found == exactly


@given(AMOUNTS)
@settings(max_examples=50, deadline=None)
def test_an_amount_goes_through_a_template_unchanged(amount: Decimal) -> None:
    invoice = an_invoice(amount=f"{amount:f}", outstanding="0")

    assert sold('"{{ invoice.amount }}"', invoice) == Figure(figure=amount, currency="CAD")


FACTS = [f.name for f in SCOPES[SObject.OPPORTUNITY].values() if f.kind is not Kind.PARENT]
WORDS = ("{{", "}}", "{%", "%}", "if", "else", "endif", "for", "in", "not", "and", "is", "none", "==", "\n")
SAID = ("1", "0.5", "1e9", "'x'", "upper", "default", "round", "replace", "__class__", *"+-*/%~()[]{}<>.,:|'")
PIECES = st.sampled_from([*FACTS, *WORDS, *SAID])
SALES = [*sales(read(""), TERMS)]


@given(st.lists(PIECES, max_size=25))
@settings(max_examples=400, deadline=None)
def test_nonsense_is_refused_or_fails_in_the_ways_that_are_foreseen(pieces: list[str]) -> None:
    try:
        template = compiled("{{ " + " ".join(pieces) + " }}", SCOPES[SObject.OPPORTUNITY])
    except BadTemplate:
        return
    for _, subject in SALES:
        try:
            template(subject)
        except FAILURES:
            continue


@given(st.text(st.characters(codec="utf-8"), max_size=200))
@settings(max_examples=200, deadline=None)
def test_no_text_makes_the_reader_stumble(text: str) -> None:
    for file in (text, f"edition = 1\n[account.fields]\nName = {text}", f"{default_text()}\nX__c = {text!r}"):
        with suppress(BadMapping):
            accepted(file)


def test_the_histories_differ_under_these_mappings() -> None:
    """Else the properties above would show nothing."""
    assert len({read(text).hash for text in (default_text(), CLIENT_TOO, LEAVING)}) == 3
    assert read(CLIENT_TOO).follows_client
    assert not read("").follows_client
    with pytest.raises(BadTemplate):
        compiled("{{ 1 ** 2 }}", {})
