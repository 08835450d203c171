"""The names that a mapping may use are documented from the code."""

import tomllib
from decimal import Decimal
from pathlib import Path

from app.mapping.shown import filters, names
from streams.mapping.catalogue import SCOPES
from streams.mapping.fact import LEFT, Kind
from streams.mapping.gallery import rehearsed, subjects
from streams.mapping.reader import Reader
from streams.mapping.reading import default_text, read


def test_every_fact_is_documented_once_with_the_objects_that_may_use_it() -> None:
    documented = {each["name"]: each["for"] for each in names()}

    assert len(documented) == len(names())
    for sobject, scope in SCOPES.items():
        assert set(scope) == {name for name, objects in documented.items() if sobject.value in objects}
    assert all(each["says"].endswith((".", "}}.")) for each in names())


def test_every_fact_is_of_the_kind_that_it_says_for_every_sort_of_subject() -> None:
    mapping = read("")
    kinds = {
        Kind.TEXT: str,
        Kind.DATE: str,
        Kind.FLAG: bool,
        Kind.AMOUNTS: dict,
    }
    for sheet in mapping.sheets:
        for name, subject in subjects(mapping, sheet):
            for fact in SCOPES[sheet.sobject].values():
                value = fact.of(subject)
                if fact.kind in kinds and value is not None:
                    assert isinstance(value, kinds[fact.kind]), (fact.name, name)
                if fact.kind is not Kind.PARENT:
                    assert value is not LEFT
                assert value != "", f"{fact.name} clears nothing for {name}"


def test_the_shipped_mapping_uses_no_template() -> None:
    lines = [line for line in default_text().splitlines() if not line.startswith("#")]

    assert not [line for line in lines if "{{" in line]


def test_every_filter_says_what_it_does() -> None:
    assert all(filters().values())


def test_the_example_in_the_readme_works() -> None:
    text = Path("README.md").read_text("utf-8")
    example = tomllib.loads(text.partition("```toml\n")[2].partition("```")[0], parse_float=Decimal)
    whole = tomllib.loads(default_text(), parse_float=Decimal)
    whole["account"]["fields"] |= example["account"]["fields"]
    stages = whole["opportunity"]["stages"] | example["opportunity"].pop("stages")
    whole["opportunity"] |= example["opportunity"] | {"stages": stages}
    reader = Reader()

    mapping = reader.mapping(whole)

    assert reader.flaws == []
    assert mapping
    assert [*rehearsed(mapping)] == []
