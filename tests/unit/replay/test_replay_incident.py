"""An incident is a test that needs no Kafka and goes as the incident went."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.replay.incident.again import WELL, again, troubles
from app.replay.incident.gathered import Gathered, gathered
from app.replay.incident.told import Incident
from app.replay.incident.written import as_test, notes
from streams.domain.command import SObject
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Gone
from streams.ports import Absent, ParentMissing, Rejected, Undecided
from streams.steps.translate import Translate
from tests.builders.failed_rows import discarded, retry
from tests.builders.incidents import Life, Picky, lived
from tests.builders.joins import a_joined_client
from tests.builders.mappings import a_mapping
from tests.builders.records import A_CONNECTION, ACME, a_client, a_payment, a_record, an_invoice

ROOT = Path(__file__).parents[3]
SECRET = b"a secret of this test"
RECORDS = (
    a_record(a_client(), at=1),
    a_record(an_invoice(amount="100.00", paid="40.00", outstanding="60.00", status="partial"), at=2),
    a_record(a_payment(amount="40.00"), at=3),
)
NO = Rejected("STRING_TOO_LONG", "no", "shorten it")


def incident_of(
    life: Life, records: Sequence[Record] = RECORDS, connection: Connection = A_CONNECTION
) -> Gathered:
    return asyncio.run(gathered(connection, records, life.entries, SECRET))


def refusing(sobject: SObject) -> Picky:
    return Picky(answers={sobject: NO})


def ended(found: Gathered) -> dict[str, str]:
    """The last verdict on each row that did not end well."""
    return {
        it.of: it.verdict for it in found.incident.decided if it.step == "deliver" and it.verdict not in WELL
    }


def ran(found: Gathered, folder: Path) -> tuple[int, str]:
    """Run the exported test as whoever got it would."""
    file = folder / "test_incident.py"
    file.write_text(as_test(found))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rx", "-p", "no:cacheprovider", str(file)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_a_morning_that_went_well_is_a_test_that_passes(tmp_path: Path) -> None:
    found = incident_of(lived(RECORDS))

    assert notes(found) == []
    code, out = ran(found, tmp_path)
    assert (code, "2 passed" in out) == (0, True), out


def test_a_row_that_salesforce_refused_is_expected_to_fail_until_it_is_mended(tmp_path: Path) -> None:
    found = incident_of(lived(RECORDS, refusing(SObject.OPPORTUNITY)))

    assert "deliver: Opportunity masked:1: dead-letter (STRING_TOO_LONG)" in troubles(found.incident.decided)
    code, out = ran(found, tmp_path)
    assert (code, "1 passed, 1 xfailed" in out) == (0, True), out


def test_a_refusal_of_then_does_not_hold_for_a_row_that_a_mend_made_different() -> None:
    found = incident_of(lived(RECORDS[:2], refusing(SObject.OPPORTUNITY)), RECORDS[:2])

    mended = a_mapping(opportunity='Description = { literal = "mended" }')
    connection = found.incident.connection.model_copy(update={"mapping": mended})

    assert troubles(found.incident.decided)
    assert troubles(again(found.incident.model_copy(update={"connection": connection}))) == []


def test_steps_that_decide_otherwise_fail_the_test(tmp_path: Path) -> None:
    found = incident_of(lived(RECORDS))
    other = a_mapping(account='Type = { literal = "Customer" }')
    connection = found.incident.connection.model_copy(update={"mapping": other})
    broken = found.incident.model_copy(update={"connection": connection})

    code, out = ran(Gathered(broken, (), 0, faithful=True), tmp_path)

    assert (code, "1 failed, 1 passed" in out) == (1, True), out


def test_what_waits_behind_a_failed_row_waits_in_the_test_too() -> None:
    found = incident_of(lived(RECORDS, refusing(SObject.CONTACT)))

    assert notes(found) == []
    assert ended(found) == {
        "Account masked:1": "parked",
        "Contact masked:1": "dead-letter",
        "Opportunity masked:1": "parked",
        "Order masked:1": "parked",
    }


@pytest.mark.parametrize("seen_to", [retry, discarded])
def test_what_a_person_retried_or_discarded_lets_go_of_the_rest(seen_to: object) -> None:
    life = lived(RECORDS, refusing(SObject.CONTACT))
    contact = next(it for it in life.commands if it.sobject is SObject.CONTACT)
    assert callable(seen_to)
    asyncio.run(life.say(seen_to(contact)))

    found = incident_of(life)

    assert notes(found) == []
    assert troubles(found.incident.decided) == []


@pytest.mark.parametrize(
    ("sobject", "answer", "says"),
    [
        (SObject.ACCOUNT, Undecided("two alike"), "a person must say which Account the client is: as then"),
        (
            SObject.OPPORTUNITY,
            ParentMissing("INVALID_FIELD"),
            "Salesforce does not have the row that this one refers to",
        ),
    ],
)
def test_what_waited_is_the_first_trouble(
    sobject: SObject, answer: Undecided | ParentMissing, says: str
) -> None:
    records = RECORDS[:2] if sobject is SObject.ACCOUNT else (RECORDS[1],)

    found = incident_of(lived(records, Picky(answers={sobject: answer})), records)

    assert troubles(found.incident.decided)[0].endswith(f"parked ({says})")


def test_a_row_that_is_not_there_is_looked_for_in_vain_again() -> None:
    org = Picky(answers={SObject.ORDER: Absent("nobody made an Order")})

    assert notes(incident_of(lived(RECORDS, org))) == []


def test_the_shares_of_joined_clients_are_part_of_the_incident() -> None:
    translate = Translate({}, {ACME: A_CONNECTION})
    theirs = (a_joined_client(8, to=7, at=4), a_record(an_invoice(80, client=8), at=5))
    shares = [it for record in theirs for it in translate(record) if isinstance(it, Record)]
    records = (*RECORDS, *shares)

    found = incident_of(lived(records), records)

    assert notes(found) == []
    assert len(shares) == 2
    assert {it.snapshot.kind for it in found.incident.records} == {"client", "invoice", "payment", "share"}


def test_a_client_that_shares_an_account_only_looks_for_it() -> None:
    records = (a_joined_client(7, to=3, at=1), *RECORDS[1:])

    found = incident_of(lived(records), records)

    assert notes(found) == []
    assert (found.incident.records[0].client, found.incident.records[0].joined) != (1, None)


def test_an_invoice_that_went_to_another_client_leaves_the_books() -> None:
    gone = a_record(Gone(moved_to=ClientId(9)), at=5, kind=ObjectKind.INVOICE, number=31, client=7)
    records = (*RECORDS, gone)

    found = incident_of(lived(records), records)

    assert notes(found) == []
    assert found.incident.records[-1].snapshot == Gone(moved_to=ClientId(2))


def test_rows_that_end_otherwise_than_the_log_says_are_told() -> None:
    life = lived(RECORDS)
    last = next(it for it in reversed(life.entries) if "Opportunity" in str(it["result"]))
    last |= {"verdict": "parked", "rule": "unchanged here"}

    assert incident_of(life).otherwise == ("Opportunity masked:1: parked then, unchanged here",)


def test_commands_that_are_derived_no_more_are_counted() -> None:
    life = lived(RECORDS)
    life.entries[0]["caused"] = ["nobody's"]
    derived = next(it for it in life.entries if it["step"] == "translate")
    derived["caused"] = [*derived["caused"], "nobody's"]

    assert incident_of(life).underived == 1


def test_a_record_that_the_mapping_fails_for_is_a_trouble() -> None:
    mapping = a_mapping(opportunity='X__c = "{{ 100 / (invoice.amount - 100) }}"')
    connection = A_CONNECTION.model_copy(update={"mapping": mapping})

    found = incident_of(lived(RECORDS, connection=connection), connection=connection)

    assert not found.faithful, "by another amount it does not fail"


def test_an_incident_of_nothing_decides_nothing() -> None:
    assert again(Incident(connection=A_CONNECTION, records=())) == ()
    assert troubles(()) == []
