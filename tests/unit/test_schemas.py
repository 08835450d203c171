"""The published schemas: what stands in the folder is what the models say, and the examples prove it."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from app.cli.schemas import schemas
from app.schema.folder import export, findings, generated
from app.schema.words import WORDS, adapter, schema
from app.schema.yaml import dump
from streams import topics
from streams.domain.money import AMOUNT_PATTERN, Money
from streams.loop.envelope import headers

FOLDER = Path(__file__).parents[2] / "schemas"
EXAMPLES = sorted((FOLDER / "examples").rglob("*.json"))


def name_of(example: Path) -> str:
    return example.parent.parent.name


def story_of(example: Path) -> str:
    return f"{name_of(example)}-{example.stem}"


def is_valid(name: str, raw: str) -> tuple[bool, bool]:
    """Return what the model and what the schema say."""
    by_schema: bool = Draft202012Validator(schema(name)).is_valid(json.loads(raw))
    try:
        adapter(name).validate_json(raw)
    except ValidationError:
        return False, by_schema
    return True, by_schema


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "schemas"))


def test_what_is_published_is_what_the_models_say_and_nothing_else_lies_about() -> None:
    assert list(findings(FOLDER)) == []


@pytest.mark.parametrize("name", WORDS)
def test_a_schema_is_one_and_uses_only_words_that_mean_something(name: str) -> None:
    known = set(Draft202012Validator.META_SCHEMA["properties"]) | VOCABULARY

    Draft202012Validator.check_schema(schema(name))

    assert set(words_in(schema(name))) <= known


VOCABULARY = {
    *(
        "$schema",
        "$id",
        "$defs",
        "$ref",
        "title",
        "description",
        "default",
        "examples",
        "type",
        "const",
        "enum",
    ),
    *("properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems"),
    *("anyOf", "oneOf", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
    *("minLength", "maxLength"),
}


def words_in(node: Any) -> list[str]:
    """Return every keyword of a schema; names of properties are no keywords."""
    if not isinstance(node, dict):
        return [word for each in node for word in words_in(each)] if isinstance(node, list) else []
    inner = {
        key: value for key, value in node.items() if key not in {"default", "examples", "enum", "required"}
    }
    named = [
        word
        for key in ("properties", "$defs")
        for each in inner.pop(key, {}).values()
        for word in words_in(each)
    ]
    return [*node, *named, *(word for each in inner.values() for word in words_in(each))]


@pytest.mark.parametrize("example", EXAMPLES, ids=story_of)
def test_model_and_schema_judge_every_example_as_its_folder_says(example: Path) -> None:
    should = example.parent.name == "valid"

    assert is_valid(name_of(example), example.read_text("utf-8")) == (should, should)


@pytest.mark.parametrize("name", WORDS)
def test_every_kind_of_message_has_several_examples(name: str) -> None:
    assert len(list((FOLDER / "examples" / name / "valid").iterdir())) >= 2
    assert len(list((FOLDER / "examples" / name / "invalid").iterdir())) >= 5


@pytest.mark.parametrize("example", [each for each in EXAMPLES if "/valid/" in str(each)], ids=story_of)
def test_what_is_read_and_written_is_read_the_same_again(example: Path) -> None:
    kind = adapter(name_of(example))
    read = kind.validate_json(example.read_bytes())

    assert kind.validate_json(kind.dump_json(read)) == read


@given(
    st.from_regex(r"[-+]?[0-9]{0,43}(\.[0-9]{0,43})?([eE][0-9]{1,3})?", fullmatch=True) | st.text(max_size=5)
)
def test_model_and_schema_agree_on_every_amount(amount: str) -> None:
    raw = json.dumps({"amount": amount, "currency": "CAD"})
    by_schema = Draft202012Validator({"type": "string", "pattern": AMOUNT_PATTERN}).is_valid(amount)
    try:
        Money.model_validate_json(raw)
    except ValidationError:
        assert not by_schema or amount.endswith("\n")
    else:
        assert by_schema


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "event.v1.schema.json").write_text("{}"),
        lambda folder: (folder / "asyncapi.yaml").unlink(),
        lambda folder: (folder / "invoice.v1.schema.json").write_text("{}"),
        lambda folder: (folder / "examples" / "event" / "notes.txt").write_text("x"),
        lambda folder: (folder / "examples" / "estimate").mkdir(),
        lambda folder: shutil.rmtree(folder / "examples" / "grant" / "invalid"),
        lambda folder: swap(folder, "valid", "invalid"),
        lambda folder: swap(folder, "invalid", "valid"),
    ],
)
def test_the_check_finds_what_is_wrong_and_exits_with_1(folder: Path, spoil: Any) -> None:
    assert CliRunner().invoke(schemas, ["check", "--folder", str(folder)]).exit_code == 0

    spoil(folder)

    result = CliRunner().invoke(schemas, ["check", "--folder", str(folder), "--json"])
    assert result.exit_code == 1
    assert len(json.loads(result.output)["findings"]) == 1


def swap(folder: Path, from_: str, to: str) -> None:
    example = next((folder / "examples" / "event" / from_).iterdir())
    example.rename(folder / "examples" / "event" / to / "misplaced.json")


def test_export_writes_what_differs_and_then_nothing(folder: Path) -> None:
    (folder / "event.v1.schema.json").write_text("{}")
    (folder / "asyncapi.yaml").unlink()

    assert sorted(export(folder)) == ["asyncapi.yaml", "event.v1.schema.json"]
    assert export(folder) == []
    assert list(findings(folder)) == []


def test_a_folder_that_is_none_of_ours_is_misuse(tmp_path: Path) -> None:
    assert CliRunner().invoke(schemas, ["check", "--folder", str(tmp_path)]).exit_code == 2


def asyncapi() -> Any:
    return yaml.safe_load((FOLDER / "asyncapi.yaml").read_text("utf-8"))


def test_asyncapi_names_every_topic_and_every_message_has_a_schema() -> None:
    document = asyncapi()
    messages = document["components"]["messages"]

    assert {each["address"] for each in document["channels"].values()} == {
        each.name for each in topics.TOPICS
    }
    for message in messages.values():
        assert (FOLDER / message["payload"]["schema"]["$ref"]).is_file()


def test_every_reference_inside_asyncapi_leads_somewhere() -> None:
    document = asyncapi()

    for reference in references(document):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def references(node: Any) -> list[str]:
    if isinstance(node, list):
        return [each for item in node for each in references(item)]
    if not isinstance(node, dict):
        return []
    own = node.get("$ref", "")
    inner = [each for item in node.values() for each in references(item)]
    return [*inner, own] if own.startswith("#/") else inner


@pytest.mark.parametrize("name", [each for each in WORDS if each != "result"])
def test_the_headers_that_we_write_are_those_that_asyncapi_promises(name: str) -> None:
    promised = Draft202012Validator(asyncapi()["components"]["schemas"]["headers"])

    for example in (FOLDER / "examples" / name / "valid").iterdir():
        value = adapter(name).validate_json(example.read_text("utf-8"))
        promised.validate({key: text.decode() for key, text in headers(value)})


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]))
)


@given(
    st.recursive(
        PLAIN,
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abcXYZ_$-/. yn1", max_size=9), inner),
        max_leaves=9,
    )
)
def test_our_yaml_reads_as_what_was_written(document: Any) -> None:
    assert yaml.safe_load(dump(document)) == document


def test_generated_names_every_kind_of_message() -> None:
    assert set(generated(FOLDER)) == {f"{name}.v1.schema.json" for name in WORDS} | {"asyncapi.yaml"}
