"""The determinism proof finds what differs, and takes no honest history for a forgery."""

from collections.abc import Iterable

from app.replay.proof import Alarm, Proof
from streams.domain.audit import AuditEntry
from streams.domain.command import Command, SObject
from streams.domain.identity import SalesforceId
from streams.ports import Applied
from streams.steps import ends
from streams.steps.id_map import Delivered, IdMap, row_key, short
from tests.builders.commands import a_command

ID = SalesforceId("001000000000000AAA")
HISTORY = (a_command(version=1, says="Acme"), a_command(version=4, says="Apex"))


def a_proof(*derived: Command) -> Proof:
    proof = Proof("test")
    for command in derived or HISTORY:
        proof.derived(command)
    return proof


def delivered(*commands: Command) -> dict[bytes, bytes]:
    table: dict[bytes, bytes] = {}
    for it in commands:
        IdMap(table).put(row_key(it.row), Delivered(ID, it.version, short(it)))
    return table


def alarms(
    proof: Proof, sent: Iterable[Command] = (), table: dict[bytes, bytes] | None = None
) -> list[Alarm]:
    proof.hold_against_delivered(table or {})
    return [*(alarm for it in sent for alarm in proof.hold_against_sent(it)), *proof.left()]


def entry(command: Command, mapping: str) -> AuditEntry:
    return ends.applied(command.model_copy(update={"mapping": mapping}), Applied(ID, created=False))


def test_what_was_sent_as_derived_is_no_alarm() -> None:
    proof = a_proof()

    assert alarms(proof, HISTORY, delivered(HISTORY[1])) == []
    assert (proof.rows, proof.sent, proof.delivered) == (1, 2, 1)


def test_a_replay_says_the_same_under_a_later_version() -> None:
    again = a_command(version=9, says="Apex")

    assert alarms(a_proof(), [again], delivered(again)) == []


def test_another_content_at_the_same_version_is_an_alarm() -> None:
    forged = a_command(version=4, says="Forged")

    (alarm,) = alarms(a_proof(), [forged])

    assert (alarm.row, alarm.version, alarm.where) == ("acme:7:Account:p7rQW5:7", 4, "commands")
    assert (alarm.sent, alarm.derived) == (short(forged).hex(), short(HISTORY[1]).hex())


def test_the_content_of_an_earlier_version_is_an_alarm_too() -> None:
    assert len(alarms(a_proof(), [a_command(version=4, says="Acme")])) == 1


def test_a_row_that_the_log_does_not_derive_is_an_alarm() -> None:
    (alarm,) = alarms(a_proof(), [a_command(SObject.OPPORTUNITY, 31)])

    assert alarm.derived == ""


def test_a_delivered_row_that_nobody_can_explain_is_an_alarm() -> None:
    forged = a_command(version=4, says="Forged")

    (alarm,) = alarms(a_proof(), table=delivered(forged))

    assert (alarm.where, alarm.sent) == ("id_map", short(forged).hex())


def test_what_an_earlier_mapping_made_is_counted_and_no_alarm() -> None:
    other = a_command(version=4, says="Other").model_copy(update={"mapping": "earlier"})
    proof = a_proof()

    assert alarms(proof, [other], delivered(other)) == []
    assert proof.of_other_mappings == 1


def test_the_audit_says_by_which_mapping_a_row_was_made_whose_command_is_gone() -> None:
    other = a_command(version=4, says="Other")
    proof = a_proof()
    proof.hold_against_delivered(delivered(other))

    proof.explain(entry(other, "test"))
    assert proof.open
    proof.explain(entry(other, "earlier"))

    assert not proof.open


def test_a_row_that_salesforce_lost_is_not_held_against_anything() -> None:
    table = delivered(a_command(version=4, says="Lost"))
    IdMap(table).lose(row_key(HISTORY[0].row))

    assert alarms(a_proof(), table=table) == []
