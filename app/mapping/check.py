"""Hold a mapping against an org: real describes, one finding for each thing that will not work."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any, Final, Protocol, Self

from app.mapping.columns import Column, kind_of
from app.mapping.example import NONE, Example, example
from app.salesforce.answers.meanings import mend_at
from app.salesforce.care.people import IS_PERSON, NO_PERSONS, PERSONS_MEND
from app.salesforce.setup.access import OWN_FIELD, opens
from app.salesforce.shape.describe import ISO_CODE, shape_of
from app.salesforce.shape.selling import lacks
from streams.domain.command import OPTIONAL, USUAL, Field, SObject
from streams.domain.errors import Misconfigured
from streams.mapping.fact import LEFT, Kind
from streams.mapping.gallery import subjects, wanted
from streams.mapping.rules import Rules
from streams.mapping.sheet import KEYS, PERSONS, Sheet
from streams.mapping.value import Source

_OPEN: Final = "grant Edit on it, or leave the line out"
_ONCE: Final = "only a new row takes it: move it to the table `create`, or grant Edit on it"
_CHANGES_CURRENCY: Final = (
    "changes the currency of people's Orders: their amounts are not converted. Products forbid it",
    "leave the line out; FreshBooks_Currency__c shows the invoice's currency",
)


class Describes(Protocol):
    """Salesforce, as far as a check asks it."""

    async def describe(self, sobject: str) -> Mapping[str, Any]:
        """Return what Salesforce says of an object; Misconfigured when it is not there for us."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should know before the mapping is used."""

    key: str
    says: str
    mend: str
    stops: bool = True
    """Whether rows would be refused or written without this field; otherwise it is a remark."""

    def at(self, connection: str) -> Self:
        """Return the same, its mend naming the connection."""
        return replace(self, mend=mend_at(connection, self.mend))


@dataclass(frozen=True, slots=True)
class Checked:
    """One object: what was found, and an example of its rows."""

    sobject: SObject
    findings: tuple[Finding, ...]
    example: Example
    of_persons: bool = False
    """Whether these are the Accounts that are persons."""

    def at(self, connection: str) -> Self:
        """Return the same, its mends naming the connection that was checked."""
        return replace(self, findings=tuple(it.at(connection) for it in self.findings))

    @property
    def called(self) -> str:
        """The object, as a person tells two tables of one object apart."""
        return f"{self.sobject.value}{' of a person' if self.of_persons else ''}"


async def checked(rules: Rules, org: Describes) -> AsyncIterator[Checked]:
    """Yield what an org says to each object of a mapping; one call each.

    Raises:
        Unreachable, RateLimited: try again later.
    """
    if rules.mapping.invoice:
        yield Checked(SObject.INVOICE, tuple([it async for it in _invoices(org)]), NONE)
    if rules.mapping.lines:
        found = [Finding("opportunity.lines", f"{it.sobject}: {it.says}", it.mend) async for it in lacks(org)]
        yield Checked(SObject.LINES, tuple(found), NONE)
    for sheet in rules.mapping.sheets:
        persons = sheet.table == PERSONS
        try:
            described = await org.describe(sheet.sobject.value)
        except Misconfigured as absent:
            stops = sheet.sobject not in OPTIONAL
            finding = Finding(sheet.table, str(absent), absent.mend, stops)
            yield Checked(sheet.sobject, (finding,), NONE, persons)
        else:
            fields = [each for each in described["fields"] if isinstance(each, dict) and "name" in each]
            shown = example(rules, sheet, shape_of(described))
            yield Checked(sheet.sobject, (*_findings(rules, sheet, fields),), shown, persons)


async def _invoices(org: Describes) -> AsyncIterator[Finding]:
    """Yield why Salesforce's own Invoices are not linked here; an org may well do without them."""
    try:
        await org.describe(SObject.INVOICE.value)
    except Misconfigured:
        says = "the org has no Invoice object, or hides it from our user: nothing is linked"
        yield Finding("invoice", says, "none needed; or leave [invoice] out", stops=False)


def _findings(rules: Rules, sheet: Sheet, fields: Iterable[Mapping[str, Any]]) -> Iterator[Finding]:
    made = sheet.sobject not in OPTIONAL
    columns = {field["name"]: Column.of(field, made=made) for field in fields}
    related = {
        field["relationshipName"]: Column.of(field) for field in fields if field.get("relationshipName")
    }
    prefix, taken = sheet.table, {KEYS[sheet.sobject]}
    if sheet.sobject not in OPTIONAL:  # which are found, and never made
        yield from _key(sheet, columns)
    if sheet.table == PERSONS and IS_PERSON not in columns:
        yield Finding(PERSONS, NO_PERSONS, PERSONS_MEND)
        return
    named = [(table, name, source) for table, sources in sheet.tables for name, source in sources.items()]
    for table, name, source in named:
        key = f"{prefix}.{table}.{name}"
        column = related.get(name) if source.kind is Kind.PARENT else columns.get(name)
        if column is None:
            yield Finding(key, *_absent(name, columns), sheet.sobject not in OPTIONAL)
            continue
        taken.add(column.name)
        if not (column.createable if table == "create" else column.writable):
            yield Finding(key, "is read-only for our user", _OPEN if not column.createable else _ONCE)
        if sheet.sobject is SObject.ORDER and name == ISO_CODE:
            yield Finding(key, *_CHANGES_CURRENCY, stops=False)
        yield from _fit(key, source, column, _values(rules, sheet, source))
    for column in () if sheet.sobject in OPTIONAL else columns.values():
        if column.demanded and column.name not in taken:
            mend = f'{column.name} = {{ literal = "…" }}'
            yield Finding(f"{prefix}.fields", f"the org takes no new row without {column.name}", mend)


def _key(sheet: Sheet, columns: Mapping[str, Column]) -> Iterator[Finding]:
    column = columns.get(KEYS[sheet.sobject])
    if column is None or not column.writable:
        says = f"external id {KEYS[sheet.sobject]} is absent, hidden or read-only: nothing can be written"
        yield Finding(sheet.table, says, "freshforce setup salesforce NAME")


def _fit(key: str, source: Source, column: Column, values: Iterable[tuple[str, Field]]) -> Iterator[Finding]:
    if source.kind is Kind.PARENT and SObject.ACCOUNT.value not in column.refers_to:
        yield Finding(key, f"refers to {' or '.join(column.refers_to)}, not to Account", "leave the line out")
    if source.kind is not None and not column.takes(source.kind):
        yield _unfit(key, source.kind, column)
        return
    told: set[str] = set()
    for who, value in values:
        kind = source.kind or kind_of(value)
        if kind is not None and not column.takes(kind):
            yield _unfit(key, kind, column)
            return
        for says, mend, stops in column.objections(value):
            if says not in told:
                told.add(says)
                yield Finding(key, says if source.literal is not None else f"{says} (for {who})", mend, stops)


def _unfit(key: str, kind: Kind, column: Column) -> Finding:
    return Finding(key, f"is of type {column.type}, but gets {kind.value}", "choose another field or value")


def _absent(name: str, columns: Mapping[str, Column]) -> tuple[str, str]:
    """Return what is wrong with a field that is not there, and the mend."""
    if name == ISO_CODE:
        return "the org has one currency: it is left out", "leave the line out"
    return "the org has no such field, or hides it from our user", _near(name, columns)


def _near(name: str, columns: Mapping[str, Column]) -> str:
    if any(name in opens(sobject) for sobject in USUAL):
        return "freshforce setup salesforce NAME"
    near = get_close_matches(name, columns, 1, 0.8)
    return f"did you mean {near[0]}?" if near else OWN_FIELD.format(name)


def _values(rules: Rules, sheet: Sheet, source: Source) -> Iterator[tuple[str, Field]]:
    """Yield what the field gets for made-up clients and invoices of all sorts."""
    for who, subject in subjects(rules.mapping, sheet, rules.terms):
        if wanted(rules.mapping, sheet, subject) and (value := source.get(subject)) is not LEFT:
            yield who, value
