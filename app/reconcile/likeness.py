"""Whether a Salesforce row is still as we sent it, field by field, as the org takes fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import orjson

from app.reconcile.held import Held
from app.salesforce.care.opportunity import HAS_LINES, there_of
from app.salesforce.care.people import BUSINESS, IS_PERSON, PERSON, suited
from app.salesforce.care.person import care
from app.salesforce.care.stages import NoSuchStage
from app.salesforce.rows.row import Worn
from app.salesforce.shape.describe import AMOUNT, Shape, Slot
from app.salesforce.shape.fitting import fitted
from app.salesforce.shape.misfit import Misfit
from app.salesforce.shape.purse import purse_of
from streams.domain.command import STAGE, Field, Items, SObject, Stage
from streams.domain.connection import Connection
from streams.mapping.items import total

Unlike = dict[str, tuple[Any, Any]]
"""Name → what was sent, what is there."""

_NOWHERE: Final = Slot("")


@dataclass(frozen=True, slots=True)
class Likeness:
    """Compares rows of one org with what was sent."""

    connection: Connection
    held: Held

    def unlike(self, sobject: SObject, sent: Mapping[str, Field], here: Mapping[str, Any]) -> Unlike:
        """Return the fields that are not as they were sent.

        What deliver leaves out, cuts or leaves to people is no difference: a field that the org lacks, an
        amount that products make up, a stage that a person set.
        """
        shape = self.held.shapes[sobject]
        found = dict(self._stage(sent.get(STAGE), here, shape))
        worn = suited(Worn({name: it for name, it in sent.items() if name != STAGE}), _kind(sobject, here))
        left = {AMOUNT} if here.get(HAS_LINES) is True else set[str]()
        fields = {name: it for name, it in worn.fields.items() if name not in left}
        written: dict[str, Any] = {}
        purse = purse_of(self.connection)
        try:
            fitted(fields, shape, written, set(), purse.of_found(here) if sobject is SObject.ORDER else purse)
        except Misfit:
            return {}  # it cannot be there as it was sent: it is a dead letter
        for name, value in written.items():
            if name in here and not _alike(value, here[name], shape.slots.get(name, _NOWHERE)):
                found[name] = _told(value), _shown(value, here[name])
        return found

    def unlike_lines(self, wanted: Items, sale: str, here: Mapping[str, Any]) -> Unlike:
        """Return in what an Opportunity shows other products than its invoice's, and people's beside them."""
        if here.get(HAS_LINES) is False:
            return {HAS_LINES: (True, False)}
        if here.get(AMOUNT) is None:
            return {}  # the org hides it
        worth, shown = total(wanted.items) + self.held.theirs.get(sale, Decimal(0)), Decimal(here[AMOUNT])
        return {AMOUNT: (str(worth), str(shown))} if worth != shown else {}

    def is_person(self, account: Mapping[str, Any] | None) -> bool:
        """Tell whether an Account is a person: then it is its own Contact."""
        return account is not None and account.get(IS_PERSON) is True

    def _stage(
        self, wanted: Field, here: Mapping[str, Any], shape: Shape
    ) -> Iterator[tuple[str, tuple[str, str]]]:
        if not isinstance(wanted, Stage) or STAGE not in here:
            return
        try:
            stage = self.held.stages.resolved(wanted)
        except NoSuchStage:
            return
        there = there_of(here, shape, self.held.stages, "", self.connection.stages)
        if STAGE in care(stage, there).fields:
            yield STAGE, (stage.name, there.stage)


def _kind(sobject: SObject, here: Mapping[str, Any]) -> str:
    if sobject is not SObject.ACCOUNT or IS_PERSON not in here:
        return ""
    return PERSON if here[IS_PERSON] is True else BUSINESS


def _alike(sent: Any, here: Any, slot: Slot) -> bool:
    match sent:
        case orjson.Fragment():
            return here is not None and Decimal(_number(sent)) == Decimal(here)
        case dict():
            ((key, external_id),) = sent.items()
            return isinstance(here, dict) and here.get(key) == external_id
        case str():
            text = "" if here is None else str(here)
            return _plain(sent) == _plain(text) or (_any_case(slot) and sent.casefold() == text.casefold())
        case bool() | None:
            return (here or None) == (sent or None)
        case _:
            return bool(sent == here)


def _any_case(slot: Slot) -> bool:
    """Tell whether the org minds no case in a field: e-mail addresses, choices."""
    return slot.mail or bool(slot.values)


def _plain(text: str) -> str:
    """Return text as the org keeps it: lines end in one way, blanks around it are gone."""
    return text.replace("\r\n", "\n").strip()


def _number(sent: orjson.Fragment) -> str:
    return orjson.dumps(sent).decode()


def _told(sent: Any) -> Any:
    """Return what was sent as people and JSON have it: amounts as text."""
    match sent:
        case orjson.Fragment():
            return _number(sent)
        case dict():
            return next(iter(sent.values()))
        case _:
            return sent


def _shown(sent: Any, here: Any) -> Any:
    match here:
        case dict() if isinstance(sent, dict):
            return here.get(next(iter(sent)))
        case bool() | str() | None:
            return here
        case _:
            return str(here)
