"""Holds rows against the admin's rules: validation rules, duplicate rules, required uniqueness."""

from collections.abc import Callable

from app.sandbox.salesforce.refusal import Code, Json, Problem, Refusal, refuse
from app.sandbox.salesforce.rows import Row, Table
from app.sandbox.salesforce.rules import DuplicateRule, Rules, ValidationRule
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.soql.parser import parse_where
from app.sandbox.salesforce.soql.predicate import Predicate, predicate
from app.sandbox.salesforce.soql.scope import Scope


class Guard:
    """The rules in force, by object."""

    def __init__(self, rules: Rules, scope_of: Callable[[str], Scope], tables: dict[str, Table]) -> None:
        self._tables = tables
        self._validation: dict[str, list[tuple[ValidationRule, Predicate]]] = {}
        self._duplicates: dict[str, list[DuplicateRule]] = {}
        for rule in rules.validation:
            meets = _predicate(rule, scope_of(rule.refuse_when))
            self._validation.setdefault(rule.sobject, []).append((rule, meets))
        for each in rules.duplicates:
            self._duplicates.setdefault(each.sobject, []).append(each)

    def check(self, shape: Shape, row: Row, *, creating: bool, allow_save: bool) -> None:
        """Let `row` pass.

        Raises:
            Refusal: a rule is against it.
        """
        if broken := [rule for rule, meets in self._validation.get(shape.name, ()) if meets(row)]:
            raise _broken(broken)
        if creating:
            for duplicate in self._duplicates.get(shape.name, ()):
                self._refuse_duplicate(duplicate, row, allow_save=allow_save)

    def _refuse_duplicate(self, rule: DuplicateRule, row: Row, *, allow_save: bool) -> None:
        if (allow_save and rule.allow_save) or not (matches := self._matches(rule, row)):
            return
        told = {"duplicateResult": _duplicate_result(rule, matches)}
        raise Refusal(Problem(Code.DUPLICATES_DETECTED, rule.message, (), told))

    def _matches(self, rule: DuplicateRule, row: Row) -> list[str]:
        wanted = {name: _folded(row.get(name)) for name in rule.fields}
        if any(value is None for value in wanted.values()):
            return []
        table = self._tables[rule.sobject]
        indexed = next((name for name in rule.fields if name in table.indexes), None)
        rows = table.some(table.find(indexed, row[indexed])) if indexed else table.rows.values()
        return [
            each["Id"]
            for each in rows
            if all(_folded(each.get(name)) == value for name, value in wanted.items())
        ]


def _broken(rules: list[ValidationRule]) -> Refusal:
    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    return Refusal(*(Problem(code, rule.message, (rule.field,) if rule.field else ()) for rule in rules))


def refuse_taken(shape: Shape, table: Table, row: Row) -> None:
    """Let a row pass whose unique fields are its own.

    Raises:
        Refusal: another row holds the same value (DUPLICATE_VALUE).
    """
    for field in shape.unique:
        value = row.get(field.name)
        for other in () if value is None else table.find(field.name, value):
            if other != row["Id"]:
                told = f"duplicate value found: {field.name} duplicates value on record with id: {other}"
                raise refuse(Code.DUPLICATE_VALUE, told, field.name)


def _predicate(rule: ValidationRule, scope: Scope) -> Predicate:
    shape = scope.shapes[rule.sobject]
    return predicate(parse_where(rule.refuse_when), shape, scope, lambda _: [])


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _duplicate_result(rule: DuplicateRule, matches: list[str]) -> Json:
    found = [
        {"matchConfidence": 100.0, "record": {"attributes": {"type": rule.sobject}, "Id": row_id}}
        for row_id in matches
    ]
    result = {
        "entityType": rule.sobject, "matchEngine": "ExactMatchEngine", "matchRecords": found,
        "rule": rule.name, "size": len(found), "success": True,
    }  # fmt: skip
    return {
        "allowSave": rule.allow_save, "duplicateRule": rule.name, "duplicateRuleEntityType": rule.sobject,
        "errorMessage": rule.message, "matchResults": [result],
    }  # fmt: skip
