"""A template sees the facts of its record, ends soon, and reaches nothing else."""

import builtins
from decimal import Decimal
from time import perf_counter

import pytest

from streams.domain.command import SObject
from streams.mapping.bare import BadTemplate
from streams.mapping.catalogue import SCOPES
from streams.mapping.exact import LONGEST
from streams.mapping.gallery import TERMS, sales
from streams.mapping.reading import read
from streams.mapping.template import FAILURES, compiled

SCOPE = SCOPES[SObject.OPPORTUNITY]
AN_INVOICE = next(sales(read(""), TERMS))[1]

ESCAPES = [
    "{{ invoice.number.__class__ }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ invoice.number['__class__'] }}",
    "{{ invoice['number'] }}",
    "{{ invoice.__dict__ }}",
    "{{ self.__init__.__globals__ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__ }}",
    "{{ namespace() }}",
    "{{ range(9) }}",
    "{{ dict(a=1) }}",
    "{{ invoice.number | attr('__class__') }}",
    "{{ invoice.number | map('upper') | list }}",
    "{{ invoice.number.upper() }}",
    "{{ '{0.__class__}'.format(invoice.number) }}",
    "{{ invoice.number | format('x') }}",
    "{{ invoice.number[0] }}",
    "{{ invoice.number[::-1] }}",
    "{{ {'a': 1} }}",
    "{% set x = invoice.number %}{{ x }}",
    "{% for x in (1, 2) %}{{ x }}{% endfor %}",
    "{% macro m() %}{% endmacro %}",
    "{% include 'secret' %}",
    "{% import 'os' as os %}",
    "{% extends 'x' %}",
    "{% block x %}{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call x() %}{% endcall %}",
    "{% with a = 1 %}{% endwith %}",
    "{% autoescape true %}{% endautoescape %}",
    "{{ 2 ** 1000000000 }}",
    "{{ invoice.amount_in }}",
    "{{ invoice.number | joined }}",
    "{{ invoice.number | amount_in('x') }}",
    "{{ connection.terms }}",
    "{{ client.account }}",
]


@pytest.mark.parametrize("text", ESCAPES)
def test_what_is_no_fact_no_operator_and_no_filter_of_ours_is_not_let_in(text: str) -> None:
    with pytest.raises(BadTemplate):
        compiled(text, SCOPE)


BOMBS = [
    "{{ 'a' * 1000000000 }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ 1e999999999 }}",
    "{{ 1e50 * 1e50 * 1e50 }}",
    f"{{{{ {'9' * 1900} * 1 }}}}",
    "{{ invoice.amount | round(999999999) }}",
    "{{ invoice.amount | round(-999999999) }}",
    "{{ invoice.due_on | plus_days(999999999999) }}",
    "{{ 'x' | replace('', '" + "x" * 900 + "') | replace('', '" + "y" * 900 + "') }}",
    "{{ invoice.number" + " | replace('', 'xxxxxxxxxxxxxxxx')" * 40 + " }}",
]


@pytest.mark.parametrize("text", BOMBS)
def test_a_bomb_fails_at_once(text: str) -> None:
    begun = perf_counter()

    with pytest.raises((*FAILURES, BadTemplate)):
        compiled(text, SCOPE)(AN_INVOICE)

    assert perf_counter() - begun < 1


@pytest.mark.parametrize(
    "text",
    [
        "{{ " + "(" * 300 + "1" + ")" * 300 + " }}",
        "{{ " + "not " * 450 + "true }}",
        "{{ " + "-" * 1500 + "1 }}",
        "{% if 1 %}" * 130,
        "x" * 2_001,
    ],
)
def test_a_template_that_is_too_deep_or_too_long_is_refused_at_once(text: str) -> None:
    begun = perf_counter()

    with pytest.raises(BadTemplate):
        compiled(text, SCOPE)

    assert perf_counter() - begun < 1


def test_the_longest_text_that_a_template_can_make_is_bounded() -> None:
    grown = "{{ client.organization" + " | replace('', '" + "x" * 1_500 + "')" + " }}"
    text = compiled(grown, SCOPE)(AN_INVOICE)

    assert isinstance(text, str)
    assert len(text) <= LONGEST


@pytest.mark.parametrize("name", sorted({*dir(builtins), *dir(AN_INVOICE)} - {"None", "True", "False"}))
def test_nothing_of_python_is_known_inside(name: str) -> None:
    with pytest.raises(BadTemplate, match=f"there is no fact {name} here"):
        compiled(f"{{{{ {name} }}}}", SCOPE)


@pytest.mark.parametrize("literal", ["0.1", "1_000.10", "1.10e2", "123456789.123456789123456789"])
def test_a_number_is_read_as_it_is_written(literal: str) -> None:
    """Guards the one place where we reach into Jinja: its reader would make a float of it."""
    assert compiled(f"{{{{ {literal} }}}}", {})(None) == Decimal(literal)
