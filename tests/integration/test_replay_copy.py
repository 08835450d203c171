"""The same history into a sandbox org, under another prefix."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.cli.clock import now
from app.demo.progress import Watcher
from app.kafka.producer import produce, producing
from app.replay.homes import worked_off
from app.sandbox.salesforce.running import RunningSalesforce, running_salesforce
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, ConnectionName, ObjectKind
from streams.domain.snapshot import Gone
from tests.builders.joins import a_joined_client
from tests.builders.records import ACME, a_client, a_record, an_invoice
from tests.builders.replayed import Installed, installed

KEY = "FreshBooks_Client_Id__c"
SUMS = "FreshBooks_Outstanding__c"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An installation that has a second org, joined as `acme-dev`, which reads no books."""

    house: Installed
    org: RunningSalesforce

    async def copied(self, *words: str, leaves: int = 0) -> Mapping[str, Any]:
        """Copy what is in the log of `acme`; return what the command says, once all is worked off."""
        copy = ("replay", "copy", ACME, "--to", "acme-dev", "--prefix", "dev", "--json")
        code, out, err = await self.house.shell.run(*copy, *words)
        assert code == leaves, out + err
        await self.house.settled()
        said: Mapping[str, Any] = orjson.loads(out)
        return said

    def rows(self, sobject: str) -> list[dict[str, Any]]:
        """Return the rows of the second org."""
        return [dict(row) for row in self.org.control.people.rows(sobject)]

    @property
    def calls(self) -> int:
        """How many calls the second org had that concern rows."""
        return sum(self.org.control.counters()["calls"].values())

    async def left_over(self) -> tuple[int, int]:
        """Return how many dead letters there are, and how many rows wait."""
        async with Watcher(self.house.kafka) as watcher:
            seen = await watcher.look()
        return sum(count for name, count in seen.verdicts.items() if "dead-letter" in name), seen.parked


@asynccontextmanager
async def a_sandbox(home: Path) -> AsyncIterator[Sandbox]:
    async with installed(home) as house, running_salesforce("prepared", seed=1) as other:
        async with producing({"bootstrap_servers": house.kafka}) as producer:
            await produce(producer, [Connection(name=ConnectionName("acme-dev"))])
        login = ("--domain", other.url, "--client-id", other.client_id, "--client-secret-file", "-")
        words = ("connect", "salesforce", "acme-dev", *login)
        code, out, err = await house.shell.run(*words, typed=other.client_secret)
        assert code == 0, out + err
        house.worker.start()
        yield Sandbox(house, other)


async def test_a_history_is_replayed_into_another_org_under_another_prefix(tmp_path: Path) -> None:
    async with a_sandbox(tmp_path) as dev:
        house = dev.house
        await house.put([a_record(a_client(7)), a_record(a_client(8)), a_record(an_invoice(client=7), at=1)])
        await house.settled()
        assert dev.rows("Account") == []

        assert (await dev.copied())["records"] == 3
        assert dev.rows("Account") == []
        await dev.copied("--apply")

        assert {row[KEY] for row in dev.rows("Account")} == {"dev:7", "dev:8"}
        assert len(dev.rows("Opportunity")) == 1
        assert {row[KEY] for row in house.rows("Account")} == {"p7rQW5:7", "p7rQW5:8"}
        for verb in ("reconcile", "poll"):
            code, _, err = await house.shell.run(verb, "acme-dev")
            assert (code, "no-books: acme-dev has no FreshBooks of its own" in err) == (1, True), err
        code, out, err = await house.shell.run("reconcile", "acme-dev", "--as-of", f"{now():%F %T}")
        assert code == 0, out + err

        (gone,) = (row["Id"] for row in dev.rows("Account") if row[KEY] == "dev:7")
        dev.org.control.people.delete("Account", gone)
        await house.put([a_record(an_invoice(32, client=7), at=2)])
        await dev.copied("--apply")

        assert {row[KEY] for row in dev.rows("Account")} == {"dev:7", "dev:8"}
        assert gone not in {row["Id"] for row in dev.rows("Account")}
        assert len(dev.rows("Opportunity")) == 2

        went = a_record(Gone(moved_to=ClientId(7)), at=4, kind=ObjectKind.INVOICE, number=33, client=9)
        await house.put([a_record(a_client(9)), went, a_record(an_invoice(33, client=7), at=4)])
        await dev.copied("--only", "invoice:33", "--apply")

        assert {row[KEY] for row in dev.rows("Account")} == {"dev:7", "dev:8"}
        assert len(dev.rows("Opportunity")) == 3
        assert await dev.left_over() == (0, 0)


async def test_clients_that_share_an_account_share_one_in_the_other_org_too(tmp_path: Path) -> None:
    async with a_sandbox(tmp_path) as dev:
        house = dev.house
        await house.put([a_record(a_client(7)), a_record(an_invoice(31, client=7, amount="250.00"), at=1)])
        await house.put([a_record(a_client(8)), a_record(an_invoice(32, client=8, amount="100.00"), at=1)])
        await house.settled()
        await house.put([a_joined_client(8, 7, at=2), a_joined_client(9, 7, at=2)])
        await house.put([a_record(an_invoice(33, client=9, amount="7.00"), at=3)])
        await house.settled()

        said = await dev.copied("--only", "invoice:32")
        assert (said["records"], said["left_out"]) == (0, [{"client": 8, "shares": 7}])
        assert (await dev.copied())["records"] == 7
        await dev.copied("--apply")

        (account,) = dev.rows("Account")
        assert (account[KEY], account[SUMS]) == ("dev:7", "CAD 357.00")
        assert [row["AccountId"] for row in dev.rows("Opportunity")] == [account["Id"]] * 3
        assert await dev.left_over() == (0, 0)

        before = dev.calls
        assert (await dev.copied("--only", "invoice:32"))["left_out"] == []
        await dev.copied("--apply")
        assert dev.calls == before
        assert await dev.left_over() == (0, 0)


@pytest.mark.slow
async def test_a_client_whose_account_another_holds_is_copied_once_that_one_is_there(tmp_path: Path) -> None:
    async with a_sandbox(tmp_path) as dev:
        house = dev.house
        await house.put([a_record(a_client(7))])
        await house.settled()
        await house.put([a_joined_client(8, 7, at=2), a_record(an_invoice(32, client=8), at=3)])
        await house.settled()

        said = await dev.copied("--only", "client:8", "--apply", leaves=1)
        assert (said["records"], said["left_out"]) == (0, [{"client": 8, "shares": 7}])
        said = await dev.copied("--only", "invoice:32", "--apply", leaves=1)
        assert (said["records"], said["left_out"]) == (0, [{"client": 8, "shares": 7}])
        assert dev.rows("Account") == []
        assert await dev.left_over() == (0, 0)

        await dev.copied("--only", "client:7", "--apply")
        said = await dev.copied("--only", "client:8", "--apply")
        assert (said["records"], said["left_out"]) == (2, [])
        assert [row[KEY] for row in dev.rows("Account")] == ["dev:7"]
        assert len(dev.rows("Opportunity")) == 1


@pytest.mark.slow
async def test_nobody_waits_for_ever_for_workers_that_do_not_run(tmp_path: Path) -> None:
    async with installed(tmp_path) as house:
        await house.put([a_record(a_client(7)), a_record(a_client(8))])
        seen = list[tuple[int, int]]()

        async with asyncio.timeout(30):
            await worked_off({"bootstrap_servers": house.kafka}, lambda *at: seen.append(at), patience=1.0)

        assert set(seen) == {(0, 2)}
