"""Strikes rows of a request as the rules for trouble and poison say."""

import random
from collections.abc import Sequence

from app.sandbox.salesforce.refusal import Json, Problem, Refusal
from app.sandbox.salesforce.rules import RowTrouble, Rules


class Trouble:
    """The rules for trouble in force, with what is left of each."""

    def __init__(self, rules: Rules, seed: int) -> None:
        self._poison = rules.poison
        self._left: dict[RowTrouble, int | None] = {rule: rule.times for rule in rules.trouble}
        self._random = random.Random(seed)  # noqa: S311 - chance for a rehearsal, not for a secret

    def refuse_poison(self, sobject: str, bodies: Sequence[Json]) -> None:
        """Let a request pass that has no poison row.

        Raises:
            Refusal: of the whole request.
        """
        for rule in self._poison:
            if rule.sobject == sobject and any(body.get(rule.field) == rule.value for body in bodies):
                raise Refusal(Problem(rule.code, rule.message), status=rule.status, whole=True)

    def strike(self, sobject: str, keys: Sequence[str | None]) -> dict[int, Refusal]:
        """Return which rows of a request fail, by place, and how. `keys` are their external ids or ids."""
        struck: dict[int, Refusal] = {}
        for rule in list(self._left):
            if rule.sobject == sobject:
                struck |= self._by_rule(rule, keys)
        return struck

    def _by_rule(self, rule: RowTrouble, keys: Sequence[str | None]) -> dict[int, Refusal]:
        places = [at for at, key in enumerate(keys) if not rule.keys or key in rule.keys]
        if not places:
            return {}
        self._count(rule)
        if rule.rows != "all":
            places = self._random.sample(places, min(rule.rows, len(places)))
        return {at: Refusal(Problem(rule.code, rule.message, rule.fields)) for at in places}

    def _count(self, rule: RowTrouble) -> None:
        left = self._left[rule]
        if left is None:
            return
        self._left[rule] = left - 1
        if left == 1:
            del self._left[rule]
