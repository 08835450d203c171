"""A row that an older mapping made is sent as it was made then; who has it tried again is told so."""

import pytest

from app.deadletters.outdated import Outdated, advice, outdated
from app.mapping.setting import version_of
from streams.domain.command import BY_CLIENT, Command, SObject
from streams.domain.identity import ConnectionName, ObjectKind
from tests.builders.commands import a_command
from tests.builders.events import an_event
from tests.builders.letters import buried, buried_row, told
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION

NAME = A_CONNECTION.name
TODAY = version_of(A_CONNECTION)
INVOICES = a_command(SObject.OPPORTUNITY, 123, connection=NAME)


def found(command: Command, made_by: str, **settings: object) -> Outdated | None:
    letter, entry = buried_row(command.model_copy(update={"mapping": made_by}))
    connection = A_CONNECTION.model_copy(update=settings)
    return outdated(told(letter, entry.model_dump(mode="json")), {NAME: connection})


def test_a_row_of_todays_mapping_needs_no_word() -> None:
    assert found(INVOICES, TODAY) is None


def test_a_row_of_an_older_mapping_is_made_anew_by_a_replay_of_its_invoice() -> None:
    made = found(INVOICES, TODAY, mapping=a_mapping(account='Site = "client.id"'))

    assert made is not None
    assert made.made_by == TODAY
    assert made.today not in {"", TODAY}
    assert made.replay == f"freshforce replay preview {NAME} --only invoice:123"


@pytest.mark.parametrize(
    "command",
    [
        a_command(SObject.CONTACT, 7, connection=NAME),
        a_command(SObject.ACCOUNT, 8, connection=NAME).model_copy(update={"external_id_field": BY_CLIENT}),
    ],
    ids=["its Contact", "the Account that it left"],
)
def test_a_clients_row_is_made_anew_by_a_replay_of_the_client(command: Command) -> None:
    made = found(command, "0123456789abcdef")

    assert made is not None
    assert made.only == f"client:{command.client}"


def test_what_a_person_set_by_hand_is_no_mappings() -> None:
    assert found(INVOICES, "by-hand") is None


@pytest.mark.parametrize("settings", [{"removed": True}, {"freshbooks_account_id": None}, {"mapping": "["}])
def test_where_no_mapping_is_in_force_nothing_is_said(settings: dict[str, object]) -> None:
    assert found(INVOICES, "0123456789abcdef", **settings) is None


def test_what_is_no_row_yet_is_derived_by_todays_mapping_anyway() -> None:
    letter, entry = buried(an_event(ObjectKind.INVOICE, 123, connection=NAME))

    assert outdated(told(letter, entry.model_dump(mode="json")), {NAME: A_CONNECTION}) is None


def test_a_few_objects_are_replayed_one_by_one_many_with_all_of_their_connection() -> None:
    def of(name: str, *numbers: int) -> list[Outdated]:
        return [Outdated(ConnectionName(name), "a", "b", f"invoice:{it}") for it in numbers]

    assert advice([*of("acme", 1, 1, 2), *of("beta", 1, 2, 3, 4)]) == [
        "freshforce replay preview acme --only invoice:1",
        "freshforce replay preview acme --only invoice:2",
        "freshforce replay preview beta",
    ]
