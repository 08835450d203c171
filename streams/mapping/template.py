"""A template: compiled once, then a function from a subject to text or to one expression's value."""

from collections.abc import Mapping
from typing import Any, Final

from jinja2 import TemplateError, nodes
from jinja2.environment import Template

from streams.mapping.bare import Bare, bad, variable
from streams.mapping.exact import Unfit, short
from streams.mapping.fact import Fact
from streams.mapping.sandbox import ENVIRONMENT

LONGEST_TEMPLATE: Final = 2_000
DEEPEST: Final = 20
"""Brackets within brackets."""


class Compiled:
    """A template that is ready: give it what its facts are, get text, or the one expression's value."""

    def __init__(self, template: Template, facts: Mapping[str, Fact], *, sole: bool) -> None:
        self._template, self.sole = template, sole
        self.facts = tuple(facts.values())
        self._variables = tuple((variable(fact.name), fact.of) for fact in self.facts)

    def __call__(self, subject: Any) -> Any:
        """Return the result for a subject.

        Raises:
            TypeError, ValueError, ArithmeticError, jinja2.TemplateError: there is none.
        """
        known = {name: of(subject) for name, of in self._variables}
        context = self._template.new_context(known)
        text = "".join(self._template.root_render_func(context))
        return context.vars["result"] if self.sole else short(text).strip() or None


FAILURES: Final = (TypeError, ValueError, ArithmeticError, LookupError, TemplateError)
"""How a template can fail for one record."""


def reason(error: Exception) -> str:
    """Return why a template fails, without any value."""
    match error:
        case Unfit():
            return str(error)
        case ZeroDivisionError():
            return "a division by zero"
        case ArithmeticError() | ValueError():
            return "a number or a date out of range"
        case _:
            return f"values that do not go together ({type(error).__name__})"


def compiled(source: str, scope: Mapping[str, Fact]) -> Compiled:
    """Return the template `source`, whose names are all in `scope`.

    Raises:
        BadTemplate: it cannot be used.
    """
    _measured(source)
    try:
        tree = ENVIRONMENT.parse(source)
        facts: dict[str, Fact] = {}
        bare = Bare(scope, facts)
        tree.body = [bare.visit(node) for node in tree.body]
        sole = _sole(tree)
        template = ENVIRONMENT.from_string(nodes.Template(_body(tree, sole), lineno=1))
    except TemplateError as error:
        raise bad(says=f"Jinja: {error.message}", mend="see the Jinja documentation on expressions") from None
    except (RecursionError, SyntaxError, MemoryError, ValueError):
        raise bad(says="it is too deeply nested", mend="take it apart") from None
    return Compiled(template, facts, sole=sole is not None)


def _measured(source: str) -> None:
    if len(source) > LONGEST_TEMPLATE:
        raise bad(says=f"longer than {LONGEST_TEMPLATE} characters", mend="make it shorter")
    depth = 0
    for char in source:
        depth += (char in "([{") - (char in ")]}")
        if depth > DEEPEST:
            raise bad(says="it is too deeply nested", mend="take it apart")


def _sole(tree: nodes.Template) -> nodes.Expr | None:
    """Return the expression that is all there is, as `{{ invoice.amount * 2 }}`; then its type counts."""
    match tree.body:
        case [nodes.Output(nodes=[only])] if not isinstance(only, nodes.TemplateData):
            return only
        case _:
            return None


def _body(tree: nodes.Template, sole: nodes.Expr | None) -> list[nodes.Node]:
    if sole is None:
        return tree.body
    result = nodes.Assign(nodes.Name("result", "store"), sole, lineno=1)
    return [result.set_environment(ENVIRONMENT)]
