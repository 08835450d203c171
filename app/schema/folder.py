"""The folder `schemas`: what should stand in it, what differs, and whether its examples hold."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from app.schema.asyncapi import document
from app.schema.words import WORDS, adapter, schema
from app.schema.yaml import dump
from streams.domain.audit import CODE_VERSION

TOPICS: Final = "topics.toml"
ASYNCAPI: Final = "asyncapi.yaml"


def generated(folder: Path) -> dict[str, str]:
    """Return the name and the text of every file that is generated, from the models and `topics.toml`."""
    topics = tomllib.loads((folder / TOPICS).read_text("utf-8"))["topics"]
    files = {f"{name}.v1.schema.json": _json(name) for name in WORDS}
    return files | {ASYNCAPI: dump(document(CODE_VERSION, topics))}


def export(folder: Path) -> list[str]:
    """Write the generated files that differ; return their names."""
    changed = dict(_differing(folder))
    for name, text in changed.items():
        (folder / name).write_text(text, "utf-8")
    return list(changed)


def findings(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the folder, each in a sentence."""
    yield from (
        f"{name} is not what the models say: run `freshforce schemas export`"
        for name, _ in _differing(folder)
    )
    yield from (f"{name} belongs to nothing" for name in _orphans(folder))
    for name in WORDS:
        for kind in ("valid", "invalid"):
            examples = sorted((folder / "examples" / name / kind).glob("*.json"))
            if not examples:
                yield f"{name} has no {kind} example"
            yield from (found for each in examples if (found := _misjudged(name, each)))


def _json(name: str) -> str:
    return json.dumps(schema(name), indent=2, ensure_ascii=False) + "\n"


def _differing(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of each file that differs, and its right text."""
    for name, text in generated(folder).items():
        file = folder / name
        if not file.is_file() or file.read_text("utf-8") != text:
            yield name, text


def _orphans(folder: Path) -> Iterator[str]:
    known = {TOPICS, "examples", *generated(folder)}
    yield from (each.name for each in sorted(folder.iterdir()) if each.name not in known)
    for each in sorted((folder / "examples").rglob("*")):
        parts = each.relative_to(folder / "examples").parts
        fits = parts[0] in WORDS and (len(parts) == 1 or parts[1] in {"valid", "invalid"})
        if not fits or (each.is_file() and (len(parts) != 3 or each.suffix != ".json")):  # noqa: PLR2004
            yield str(each.relative_to(folder))


def _misjudged(name: str, example: Path) -> str:
    """Say that an example is taken where it must be refused, or the other way round; else say nothing."""
    should = example.parent.name == "valid"
    try:
        adapter(name).validate_json(example.read_bytes())
    except ValidationError as error:
        where = ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
        return f"{name}/{example.name} is refused, at {where}" if should else ""
    return "" if should else f"{name}/{example.name} is taken, but must be refused"
