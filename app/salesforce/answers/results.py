"""Each row's own result out of a collections answer; an answer that does not add up is no answer."""

from collections import OrderedDict
from collections.abc import Container, Mapping, Sequence
from typing import Any, Final

from app.salesforce.answers.complaints import MOST
from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.quoting import parent_in
from app.salesforce.answers.refusals import Refusal, of_row, unknown_outcome
from app.salesforce.shape.describe import Shape
from app.salesforce.wire.wire import Reply
from streams.domain.errors import Unreachable
from streams.domain.identity import SalesforceId
from streams.ports import Absent, Applied

Outcome = Applied | Absent | Refusal
"""What became of one row."""

_IDS: Final = (15, 18)


class Known:
    """Salesforce ids lately seen by object and external id: results against them are out of order."""

    def __init__(self, size: int = 20_000) -> None:
        self._size = size
        self._ids: dict[str, OrderedDict[str, SalesforceId]] = {}

    def agrees(
        self, sobject: str, found: Mapping[str, SalesforceId], made: Container[str] = frozenset()
    ) -> bool:
        """Tell whether nothing contradicts `found` (external id → id), and remember it.

        A row that is said to be `made` may have another id than before, unless that one is said to be
        another row's now. Contradicted ids are forgotten: when the repeat says the same, the row was made
        anew.
        """
        if (known := self._ids.get(sobject)) is None:
            known = self._ids[sobject] = OrderedDict()
        other = [key for key, id_ in found.items() if known.get(key, id_) != id_]
        ids = frozenset(found.values()) if other else frozenset()
        wrong = [key for key in other if key not in made or known[key] in ids]
        for key in wrong:
            del known[key]
        if wrong:
            return False
        known.update(found)
        while len(known) > self._size:
            known.popitem(last=False)
        return True


Asked = tuple[str, str]
"""What was asked of a row: its external id, and that of the parent it refers to (its own without one)."""


def results(reply: Reply, shape: Shape, asked: Sequence[Asked], known: Known) -> list[Outcome]:
    """Return the outcome of each row, in the order of `asked`.

    An answer that is short, malformed or out of order says nothing of any row: all are sent again.
    Results do not name their rows. That they are out of order shows where one record is said to be two
    rows, is of another object, is not the one that the row was before, or where a row is said to miss
    the parent of another one. What shows in none of these ways cannot be known.
    """
    try:
        said = reply.json()
    except Unreachable as unreadable:
        return _unknown(str(unreadable), asked)
    if not isinstance(said, list) or len(said) != len(asked):
        return _unknown("not one result per row", asked)
    outcomes = [_outcome(item) for item in said]
    read = [outcome for outcome in outcomes if outcome is not None]
    if len(read) != len(outcomes):
        return _unknown("a result of no known shape", asked)
    found = {key: it for (key, _), it in zip(asked, read, strict=True) if isinstance(it, Applied)}
    disorder = "" if len(found) == len(read) else _disorder(said, read, asked)
    why = disorder or _strangers(found, shape, known)
    return _unknown(why, asked) if why else [*read]


def updated(reply: Reply, asked: Sequence[tuple[SalesforceId, tuple[str, ...]]]) -> list[Outcome]:
    """Return the outcome of each record that was changed by its id, with what there is to note of it.

    An answer that is short, malformed or of other records says nothing of any: all are sent again.
    """
    try:
        said = reply.json()
    except Unreachable:
        said = None
    if not isinstance(said, list) or len(said) != len(asked):
        return [unknown_outcome("not one result per row")] * len(asked)
    outcomes: list[Outcome] = []
    for item, (id_, notes) in zip(said, asked, strict=True):
        outcome = _outcome(item)
        if outcome is None or (isinstance(outcome, Applied) and outcome.salesforce_id[:15] != id_[:15]):
            return [unknown_outcome("results out of order")] * len(asked)
        outcomes.append(Applied(id_, created=False, notes=notes) if isinstance(outcome, Applied) else outcome)
    return outcomes


def _strangers(taken: Mapping[str, Applied], shape: Shape, known: Known) -> str:
    """Return what is wrong with the records that the rows are said to have become."""
    found = {key: it.salesforce_id for key, it in taken.items()}
    if len(set(found.values())) != len(found):
        return "one record for several rows"
    if {id_[: len(shape.prefix)] for id_ in found.values()} - {shape.prefix}:
        return "a record of another object"
    made = {key for key, it in taken.items() if it.created}
    return "" if known.agrees(shape.sobject, found, made) else "results out of order"


def _disorder(said: Sequence[Any], read: Sequence[Applied | Refusal], asked: Sequence[Asked]) -> str:
    """Return what is wrong when a row is said to miss a parent that only another row has."""
    parents = {parent.casefold() for _, parent in asked}
    for item, outcome, (_, parent) in zip(said, read, asked, strict=True):
        if isinstance(outcome, Refusal) and outcome.meaning is Meaning.DEPENDENCY:
            missing = {parent_in(error).casefold() for error in item["errors"][:MOST]}
            if parent.casefold() not in missing and missing & parents:
                return "a row misses another one's parent"
    return ""


def _outcome(item: Any) -> Applied | Refusal | None:
    if type(item) is not dict:
        return None
    success, id_, errors = item.get("success"), item.get("id"), item.get("errors")
    if success is True and type(id_) is str and len(id_) in _IDS and id_.isalnum():
        return Applied(SalesforceId(id_), item.get("created") is True)
    if success is False and type(errors) is list and errors and all(type(it) is dict for it in errors):
        return of_row(errors)
    return None


def _unknown(why: str, asked: Sequence[Asked]) -> list[Outcome]:
    return [unknown_outcome(why)] * len(asked)
