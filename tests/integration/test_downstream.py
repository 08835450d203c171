"""What the README shows of the audit topic's readers, taken from the README and run on a real broker."""

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex

import pytest

from app.kafka.producer import make_producer, produce
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import SObject
from streams.domain.identity import ClientId, CommandId, ConnectionName, SalesforceId
from streams.domain.result import Outcome, Result
from tests.builders.readme import snippets
from tests.builders.terminal import Terminal

SECTION = "Downstream in ten lines"
ANSWERED = SalesforceId("006Dn00000AbCdEIAV")
PATIENCE = 60


@dataclass
class Analyst:
    """Somebody with the address of a Kafka and an empty folder; the connection's entries are this test's."""

    kafka: str
    folder: Path
    connection: str

    @property
    def environment(self) -> dict[str, str]:
        return dict(os.environ) | {"FRESHFORCE_KAFKA": self.kafka, "PYTHONUNBUFFERED": "1"}

    def run(self, *words: str) -> str:
        """Run a program; return what it printed."""
        ended = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            timeout=PATIENCE,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    async def until_told(self, program: str) -> str:
        """Run a Python program that never ends until it tells of our connection; return the line."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program), env=self.environment, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(PATIENCE):
                while line := (await process.stdout.readline()).decode():
                    if line.startswith(self.connection):
                        return line
        finally:
            process.kill()
            await process.wait()
        return ""


def a_row(connection: str, number: int, outcome: Outcome, verdict: Verdict) -> AuditEntry:
    command = CommandId(f"{connection}-{number}")
    return AuditEntry(
        id=audit_id(Step.DELIVER, verdict, command),
        connection=ConnectionName(connection),
        client=ClientId(7),
        step=Step.DELIVER,
        verdict=verdict,
        cause=command,
        rule="STRING_TOO_LONG" if verdict is Verdict.DEAD_LETTER else "",
        result=Result(
            command=command,
            outcome=outcome,
            sobject=SObject.OPPORTUNITY,
            external_id=f"a1:{number}",
            version=1,
            salesforce_id=ANSWERED if verdict is Verdict.APPLIED else None,
        ),
    )


def a_morning(connection: str) -> list[AuditEntry]:
    """Two rows went through, one of them told twice after a crash; one was refused."""
    first, second = (a_row(connection, number, Outcome.APPLIED, Verdict.APPLIED) for number in (1, 2))
    return [first, second, first, a_row(connection, 3, Outcome.DEAD_LETTER, Verdict.DEAD_LETTER)]


@pytest.fixture
async def analyst(kafka: str, tmp_path: Path) -> Analyst:
    connection = f"down-{token_hex(4)}"
    await Terminal.opened(tmp_path, kafka)
    producer = make_producer({"bootstrap_servers": kafka})
    await producer.start()
    await produce(producer, a_morning(connection))
    await producer.stop()
    return Analyst(kafka, tmp_path, connection)


@pytest.mark.skipif(shutil.which("kcat") is None, reason="kcat is not installed (Debian: apt install kcat)")
async def test_kcat_shows_entries_with_their_cloud_events_headers_and_keeps_a_copy(analyst: Analyst) -> None:
    (program,) = snippets(SECTION, "sh")

    shown = await asyncio.to_thread(analyst.run, "bash", "-euo", "pipefail", "-c", program)

    assert f" {analyst.connection}:7 ce_specversion=1.0,ce_id=" in shown
    kept = (analyst.folder / "audit.jsonl").read_text().splitlines()
    assert sum(f'"{analyst.connection}"' in line for line in kept) == 4


async def test_a_consumer_of_ten_lines_follows_what_reaches_salesforce(analyst: Analyst) -> None:
    program = snippets(SECTION, "python")[0].replace("my-reports", f"my-{analyst.connection}")

    assert (await analyst.until_told(program)).split()[:2] == [analyst.connection, ANSWERED]


async def test_duckdb_counts_each_entry_once(analyst: Analyst) -> None:
    copy = b"\n".join(map(encode, a_morning(analyst.connection)))
    (analyst.folder / "audit.jsonl").write_bytes(copy)

    shown = await asyncio.to_thread(analyst.run, sys.executable, "-c", snippets(SECTION, "python")[1])

    rows = [
        [cell.strip() for cell in line.split("│")] for line in shown.splitlines() if "deliver" not in line
    ]
    assert ["", analyst.connection, "Opportunity", "applied", "", "2", ""] in rows
    assert ["", analyst.connection, "Opportunity", "dead-letter", "STRING_TOO_LONG", "1", ""] in rows


@pytest.mark.parametrize("language", ["sh", "python"])
def test_what_is_called_ten_lines_has_no_more(language: str) -> None:
    found = snippets(SECTION, language)

    assert found
    assert all(len([line for line in each.splitlines() if line.strip()]) <= 10 for each in found)
