"""Jinja as far as a mapping needs it: exact numbers, our filters, no globals."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from jinja2 import StrictUndefined
from jinja2.lexer import Lexer
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from streams.mapping.exact import FILTERS, INNER, combined, signed, spelled

TESTS: Final[Mapping[str, Callable[[Any], bool]]] = {"none": lambda value: value is None}
"""What a template may ask of a value."""


class _ExactLexer(Lexer):
    """Reads 0.15 as the Decimal it says, not as the float next to it."""

    def wrap(
        self,
        stream: Iterable[tuple[int, str, str]],
        name: str | None = None,
        filename: str | None = None,
    ) -> Iterator[Any]:
        return super().wrap(_exactly(stream), name, filename)


def _exactly(stream: Iterable[tuple[int, str, str]]) -> Iterator[tuple[int, str, str]]:
    for line, sort, text in stream:
        if sort == "float":
            yield line, "operator", "("
            yield line, "string", f"'{text}'"
            yield line, "operator", "|"
            yield line, "name", "exact"
            yield line, "operator", ")"
        else:
            yield line, sort, text


class _Sandbox(ImmutableSandboxedEnvironment):
    """An environment whose arithmetic is exact."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})
    intercepted_unops = frozenset({"+", "-"})

    @property
    def lexer(self) -> Lexer:
        return _LEXER

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        return combined(operator, left, right)

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:  # noqa: ARG002
        return signed(operator, arg)


def _sandbox() -> _Sandbox:
    made = _Sandbox(
        undefined=StrictUndefined,
        finalize=spelled,
        autoescape=False,
        optimized=False,  # nothing is computed before it is allowed
        cache_size=0,
    )
    made.filters = {name: does for name, (_, does) in FILTERS.items()} | dict(INNER)
    made.tests = dict(TESTS)
    made.globals = {}
    return made


ENVIRONMENT: Final = _sandbox()
_LEXER: Final = _ExactLexer(ENVIRONMENT)
