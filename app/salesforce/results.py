"""Each row's own result out of a collections answer; an answer that does not add up is no answer."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.salesforce.refusals import Refusal, of_row, unknown_outcome
from app.salesforce.wire import Reply
from streams.domain.errors import Unreachable
from streams.domain.identity import SalesforceId
from streams.ports import Applied

Outcome = Applied | Refusal
"""What became of one row."""

_IDS: Final = (15, 18)


class Known:
    """Salesforce ids lately seen per external id: results that contradict them are out of order."""

    def __init__(self, size: int = 20_000) -> None:
        self._size = size
        self._ids: OrderedDict[tuple[str, str], SalesforceId] = OrderedDict()

    def agrees(self, sobject: str, found: Mapping[str, SalesforceId]) -> bool:
        """Tell whether nothing contradicts `found` (external id → id), and remember it.

        Contradicted ids are forgotten: when the repeat says the same, the row was made anew.
        """
        wrong = [key for key, id_ in found.items() if self._ids.get((sobject, key), id_) != id_]
        for key in wrong:
            del self._ids[sobject, key]
        if wrong:
            return False
        self._ids.update(((sobject, key), id_) for key, id_ in found.items())
        while len(self._ids) > self._size:
            self._ids.popitem(last=False)
        return True


def results(reply: Reply, sobject: str, external_ids: Sequence[str], known: Known) -> list[Outcome]:
    """Return the outcome of each row, in the order of `external_ids`.

    An answer that is short, malformed or out of order says nothing of any row: all are sent again.
    """
    try:
        said = reply.json()
    except Unreachable:
        return _unknown("no JSON", external_ids)
    if not isinstance(said, list) or len(said) != len(external_ids):
        return _unknown("not one result per row", external_ids)
    outcomes = [_outcome(item) for item in said]
    read = [outcome for outcome in outcomes if outcome is not None]
    if len(read) != len(outcomes):
        return _unknown("a result of no known shape", external_ids)
    found = {
        key: outcome.salesforce_id
        for key, outcome in zip(external_ids, read, strict=True)
        if isinstance(outcome, Applied)
    }
    if len(set(found.values())) != len(found):
        return _unknown("one record for several rows", external_ids)
    if not known.agrees(sobject, found):
        return _unknown("results out of order", external_ids)
    return read


def _outcome(item: Any) -> Outcome | None:
    match item:
        case {"success": True, "id": str(id_)} if len(id_) in _IDS:
            return Applied(SalesforceId(id_), created=item.get("created") is True)
        case {"success": False, "errors": [dict(), *_] as errors} if all(isinstance(e, dict) for e in errors):
            return of_row(errors)
        case _:
            return None


def _unknown(why: str, external_ids: Sequence[str]) -> list[Outcome]:
    return [unknown_outcome(why)] * len(external_ids)
