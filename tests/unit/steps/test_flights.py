"""What is under way: what a refused row holds back, and what nobody knows to be there."""

from streams.domain.command import Command, SObject
from streams.ports import Rejected
from streams.steps.flights import Flight, Flights
from streams.steps.id_map import row_key
from tests.builders.commands import a_command

OLDER, NEWER = (a_command(says=says, version=version) for says, version in (("Bad", 3), ("Bad, too", 8)))
CONTACT = a_command(SObject.CONTACT, says="Ann", version=4)
ACCOUNT = row_key(OLDER.row)
NO = Rejected("NOT_SO", "the org refuses what it says", "mend the org")


def test_a_refused_row_holds_back_what_came_between_it_and_a_newer_state_of_it_that_is_refused_too() -> None:
    flights = Flights()
    older, contact, newer = (_off(flights, it) for it in (OLDER, CONTACT, NEWER))

    flights.heard(ACCOUNT, older, NO)
    flights.heard(ACCOUNT, newer, NO)

    assert flights.refused(contact) == {ACCOUNT}


def test_once_the_older_state_is_buried_the_newer_one_holds_back_only_what_came_after_it() -> None:
    flights = Flights()
    older, contact, newer = (_off(flights, it) for it in (OLDER, CONTACT, NEWER))
    flights.heard(ACCOUNT, older, NO)
    flights.heard(ACCOUNT, newer, NO)

    flights.concluded(ACCOUNT, OLDER)

    assert flights.refused(contact) == frozenset()
    assert flights.refused(_off(flights, CONTACT)) == {ACCOUNT}


def test_what_was_refused_is_forgotten_when_all_of_it_is_buried() -> None:
    flights = Flights()
    older, newer = (_off(flights, it) for it in (OLDER, NEWER))
    flights.heard(ACCOUNT, older, NO)
    flights.heard(ACCOUNT, newer, NO)

    flights.concluded(ACCOUNT, OLDER)
    flights.concluded(ACCOUNT, NEWER)

    assert flights.refused(_off(flights, CONTACT)) == frozenset()


def test_of_two_contents_of_one_version_the_later_one_is_sent_whatever_was_delivered() -> None:
    flights = Flights()
    _off(flights, a_command(says="By another mapping", version=8))

    assert _off(flights, NEWER).owed


def test_of_one_content_at_one_version_nothing_is_owed() -> None:
    flights = Flights()
    _off(flights, NEWER)

    assert not _off(flights, NEWER).owed


def _off(flights: Flights, command: Command) -> Flight:
    flight = Flight(command, command)
    flights.take_off(row_key(command.row), flight)
    return flight
