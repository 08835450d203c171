"""What a template may say: names of facts, operators, our filters; nothing else is let in.

There are no attributes, calls, loops or assignments, so that whatever a template says, it ends soon and
sees nothing but the facts of its record. A fact becomes one plain variable before the template is
compiled: there is no object to reach through.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from streams.mapping.exact import FILTERS
from streams.mapping.fact import Fact, Kind
from streams.mapping.sandbox import ENVIRONMENT, TESTS

_ALLOWED: Final = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.If, nodes.Const, nodes.Name),
    *(nodes.Tuple, nodes.List, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod),
    *(nodes.Neg, nodes.Pos, nodes.Concat, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
    *(nodes.CondExpr, nodes.Filter, nodes.Test, nodes.Getattr, nodes.Getitem),
)


class BadTemplate(Exception):
    """A template that cannot be used: what is wrong, and the mend."""

    def __init__(self, says: str, mend: str) -> None:
        super().__init__(says)
        self.says, self.mend = says, mend


def bad(says: str, mend: str) -> BadTemplate:
    """Return the error that names what is wrong and the mend."""
    return BadTemplate(says, mend)


def variable(name: str) -> str:
    """Return what a fact is called inside a template."""
    return name.replace(".", "__")


class Bare(NodeTransformer):
    """Lets only what is allowed through, and turns `client.phone` into one plain variable."""

    def __init__(self, scope: Mapping[str, Fact], used: dict[str, Fact]) -> None:
        self._scope, self._used = scope, used

    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        """Refuse what is not allowed; go on into the rest."""
        if not isinstance(node, _ALLOWED):
            kind = type(node).__name__.lower()
            raise bad(says=f"{kind} is not allowed here", mend="use facts, operators and filters only")
        return super().generic_visit(node, *args, **kwargs)

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802 - Jinja calls it
        """Refuse a bare name: only facts have one, with a dot."""
        raise _unknown(node.name, self._scope)

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:  # noqa: N802
        """Put a fact's variable in its place."""
        fact = self._fact(node)
        if fact.kind in {Kind.AMOUNTS, Kind.PARENT}:
            how = f"write {fact.name}['CAD']" if fact.kind is Kind.AMOUNTS else "refer to it without braces"
            raise bad(says=f"{fact.name} is {fact.kind.value}", mend=how)
        return nodes.Name(variable(fact.name), "load", lineno=node.lineno)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        """Let an amount be picked by its currency."""
        match node:
            case nodes.Getitem(node=nodes.Getattr() as inner, arg=nodes.Const(value=str(currency))):
                fact = self._fact(inner)
                if fact.kind is Kind.AMOUNTS:
                    amounts = nodes.Name(variable(fact.name), "load", lineno=node.lineno)
                    return _filtered(amounts, "amount_in", nodes.Const(currency))
        raise bad(says="only amounts by currency are picked from", mend="use the filter truncate for texts")

    def visit_Filter(self, node: nodes.Filter) -> nodes.Node:  # noqa: N802
        """Refuse filters that are not ours, and text between filter tags."""
        if node.name not in FILTERS and not (node.name == "exact" and isinstance(node.node, nodes.Const)):
            known = ", ".join(FILTERS)
            raise bad(says=f"there is no filter {node.name}", mend=f"the filters are {known}")
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise bad(says=f"{node.name} takes plain arguments", mend="write them in their order")
        return self.generic_visit(node)

    def visit_Test(self, node: nodes.Test) -> nodes.Node:  # noqa: N802
        """Refuse all tests but `is none`."""
        if node.name not in TESTS or node.args:
            raise bad(says=f"there is no test {node.name}", mend="the only test is `is none`")
        return self.generic_visit(node)

    def visit_CondExpr(self, node: nodes.CondExpr) -> nodes.Node:  # noqa: N802
        """Let `… if …` without an else be nothing."""
        node.expr2 = node.expr2 or nodes.Const(None, lineno=node.lineno)
        return self.generic_visit(node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        """Spell what is joined as it is spelled elsewhere."""
        node.nodes = [_filtered(self.visit(each), "joined") for each in node.nodes]
        return node

    def _fact(self, node: nodes.Getattr) -> Fact:
        inner = node.node
        name = f"{inner.name}.{node.attr}" if isinstance(inner, nodes.Name) else node.attr
        fact = self._scope.get(name)
        if fact is None:
            raise _unknown(name, self._scope)
        self._used[name] = fact
        return fact


def _filtered(node: nodes.Expr, name: str, *args: nodes.Expr) -> nodes.Filter:
    made = nodes.Filter(node, name, [*args], [], None, None, lineno=node.lineno)
    made.set_environment(ENVIRONMENT)
    return made


def _unknown(name: str, scope: Mapping[str, Fact]) -> BadTemplate:
    return bad(*unknown(name, scope))


def unknown(name: str, scope: Mapping[str, Fact]) -> tuple[str, str]:
    """Return what is wrong with a name that is no fact here, and the mend."""
    near = get_close_matches(name, scope, 1, 0.6)
    mend = f"did you mean {near[0]}?" if near else "see `freshforce mapping names`"
    return f"there is no fact {name} here", mend
