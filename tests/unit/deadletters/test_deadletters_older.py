"""Who discards the newest letter of a row means its older ones of that cause."""

from dataclasses import replace
from typing import Any

import pytest

from app.deadletters.older import with_older
from app.view.closings import Closing
from app.view.letters import Letter
from streams.domain.command import SObject
from streams.domain.identity import ObjectKind
from tests.builders.commands import a_command
from tests.builders.events import an_event
from tests.builders.letters import NOON, buried, buried_row, told


def of_row(version: int, number: int = 7, client: int = 7, **other: Any) -> Letter:
    command = a_command(SObject.CONTACT, number, client=client, version=version)
    letter, entry = buried_row(command, offset=version)
    return replace(told(letter, entry.model_dump(mode="json")), **other)


def of_event() -> Letter:
    letter, entry = buried(an_event(ObjectKind.CLIENT, 7))
    return told(letter, entry.model_dump(mode="json"))


NEWEST = of_row(5)


def test_older_states_of_the_row_go_with_the_newest() -> None:
    older = of_row(2), of_row(3)

    assert with_older([NEWEST], [NEWEST, *older]) == [NEWEST, *older]


def test_one_that_is_named_itself_comes_once() -> None:
    assert with_older([NEWEST, of_row(2)], [of_row(2), NEWEST]) == [NEWEST, of_row(2)]


@pytest.mark.parametrize(
    "other",
    [
        of_row(6),
        of_row(2, number=8),
        of_row(2, client=8),
        of_row(2, code="INVALID_EMAIL"),
        of_row(2, connection="other"),
        of_row(2, closed=Closing(NOON, "retried", "")),
        of_event(),
    ],
    ids=[
        "a newer state",
        "another row",
        "another client's",
        "another cause",
        "another org's",
        "a closed one",
        "an event",
    ],
)
def test_nothing_else_goes_with_it(other: Letter) -> None:
    assert with_older([NEWEST], [NEWEST, other]) == [NEWEST]


def test_an_event_that_is_discarded_takes_no_row_along() -> None:
    event = of_event()

    assert with_older([event], [event, NEWEST]) == [event]
