"""What a field gets: a fact by its name, a literal, or a template; each compiled to one function."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from streams.domain.command import Field, Figure
from streams.domain.made import made
from streams.domain.money import AMOUNT_PATTERN
from streams.mapping.bare import BadTemplate, unknown
from streams.mapping.exact import FARTHEST, named, spelled
from streams.mapping.fact import Fact, Kind
from streams.mapping.flaws import Flaw, MappingFailed
from streams.mapping.template import FAILURES, Compiled, compiled, reason

Get = Callable[[Any], Any]
"""Subject → what the field gets, or LEFT."""

_DOTTED: Final = re.compile(r"[a-z]+\.[a-z_0-9]+")
_BRACES: Final = ("{{", "{%", "{#")
_AMOUNT: Final = re.compile(AMOUNT_PATTERN)
_WRITE: Final = 'write a name as "client.phone", { literal = "a text" }, or a template with {{ }}'


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's value comes from."""

    key: str
    get: Get
    kind: Kind | None
    """None when only the result of a template can tell."""
    facts: tuple[Fact, ...] = ()
    literal: Field = None
    """What is always written, where that is so."""

    @property
    def optional(self) -> bool:
        """Whether the field may be left out."""
        return self.kind is Kind.PARENT


class Wrong(Exception):
    """A value that cannot be used."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(str(flaw))
        self.flaw = flaw


def source(key: str, raw: object, scope: Mapping[str, Fact]) -> Source:
    """Return the source that `raw` names under `key`.

    Raises:
        Wrong: it names none.
    """
    match raw:
        case bool() | int() | Decimal() | date():
            return _literal(key, raw)
        case str() if any(brace in raw for brace in _BRACES):
            return _template(key, raw, scope)
        case str() if _DOTTED.fullmatch(raw):
            return _reference(key, raw, scope)
        case {"literal": literal, **more} if not more:
            return _literal(key, literal)
        case {"from": str(name), "else": literal, **more} if not more:
            return _with_default(key, _reference(key, name, scope), _literal(f"{key}.else", literal))
        case {"literal": _, **more} | {"from": _, **more}:
            odd = ", ".join(str(name) for name in more if name != "else") or "its value"
            raise Wrong(Flaw(key, f"cannot be used: {odd}", "the keys are literal, or from and else"))
    raise Wrong(Flaw(key, "is no value of a field", _WRITE))


def _literal(key: str, raw: object) -> Source:
    """Return the source of what is always the same."""
    match raw:
        case bool():
            return Source(key, lambda _: raw, Kind.FLAG, literal=raw)
        case int() | Decimal():
            figure = _figure(key, Decimal(raw))
            return Source(key, lambda _: figure, Kind.NUMBER, literal=figure)
        case str() if raw.strip():
            return Source(key, lambda _: raw, Kind.TEXT, literal=raw)
        case date() if not isinstance(raw, datetime):
            day = raw.isoformat()
            return Source(key, lambda _: day, Kind.DATE, literal=day)
        case str():
            raise Wrong(Flaw(key, "is an empty text", "leave the line out: the field is then left alone"))
    raise Wrong(Flaw(key, "is no literal", "a text, a whole or decimal number, true, false or a date"))


def _reference(key: str, name: str, scope: Mapping[str, Fact]) -> Source:
    fact = scope.get(name)
    if fact is None:
        raise Wrong(Flaw(key, *unknown(name, scope)))
    if fact.kind is Kind.AMOUNTS:
        raise Wrong(Flaw(key, f"{name} is {fact.kind.value}", f"write \"{{{{ {name}['CAD'] }}}}\""))
    get = _number(fact) if fact.kind is Kind.NUMBER else fact.of
    return Source(key, get, fact.kind, (fact,))


def _number(fact: Fact) -> Get:
    of, currency = fact.of, fact.currency
    if currency is None:
        return lambda it: None if (amount := of(it)) is None else made(Figure, figure=amount)

    def money(it: Any) -> Figure | None:
        amount = of(it)
        return None if amount is None else made(Figure, figure=amount, currency=currency(it))

    return money


def _with_default(key: str, first: Source, instead: Source) -> Source:
    if first.kind is not instead.kind:
        says = f"{first.facts[0].name} is {first.kind and first.kind.value}, its else is not"
        raise Wrong(Flaw(key, says, "make them alike"))
    get, literal = first.get, instead.literal

    def get_or_else(it: Any) -> Any:
        found = get(it)
        return literal if found is None else found

    return Source(key, get_or_else, first.kind, first.facts)


def _template(key: str, raw: str, scope: Mapping[str, Fact]) -> Source:
    try:
        template = compiled(raw, scope)
    except BadTemplate as bad:
        raise Wrong(Flaw(key, bad.says, bad.mend)) from None
    kind = None if template.sole else Kind.TEXT
    currency = next((fact.currency for fact in template.facts if fact.currency), lambda _: None)
    return Source(key, _evaluated(key, template, currency), kind, template.facts)


def _evaluated(key: str, template: Compiled, currency: Callable[[Any], str | None]) -> Get:
    """Return what evaluates a template; a number that was made of amounts is an amount of their currency."""

    def evaluated(it: Any) -> Field:
        try:
            return _field(key, template(it), currency(it))
        except FAILURES as error:
            raise MappingFailed(key, reason(error)) from None

    return evaluated


def _field(key: str, found: object, currency: str | None) -> Field:
    """Return what a template found as the value of a field."""
    match found:
        case bool() | None:
            return found
        case int() | Decimal():
            return _figure(key, Decimal(found), currency)
        case str():
            return spelled(found).strip() or None
    raise MappingFailed(key, f"the template gives {named(found)}")


def _figure(key: str, amount: Decimal, currency: str | None = None) -> Figure:
    if abs(amount.adjusted()) > FARTHEST or not _AMOUNT.match(f"{amount:f}"):
        raise MappingFailed(key, "a number with more digits than can be written: round it")
    return made(Figure, figure=amount, currency=currency)
