"""A simulator built on its client would repeat its client's misunderstandings."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
OURS = ("app.sandbox",)


def _imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield node.module or "."
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _strangers(source: str) -> list[str]:
    """Return the modules of the product that `source` leans on."""
    return [
        name
        for name in _imports(source)
        if name.split(".")[0] in {"app", "streams"} and not name.startswith(OURS)
    ]


@pytest.mark.parametrize("path", sorted((ROOT / "app" / "sandbox").rglob("*.py")), ids=lambda path: path.name)
def test_the_sandbox_shares_no_code_with_the_product(path: Path) -> None:
    assert _strangers(path.read_text()) == []


def test_a_shared_module_would_be_noticed() -> None:
    source = (
        "from app.freshbooks.signature import sign\nimport streams.codec\nfrom app.sandbox import faults\n"
    )

    assert _strangers(source) == ["app.freshbooks.signature", "streams.codec"]
