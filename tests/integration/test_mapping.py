"""An operator changes a mapping, at a real terminal on real Kafka: rehearsed over the log, then set."""

from pathlib import Path
from secrets import token_hex

import orjson
import pytest

from app.kafka.producer import produce, producing
from app.sandbox.salesforce.running import running_salesforce
from streams.domain.connection import Connection
from streams.domain.identity import AccountId, ConnectionName
from streams.domain.record import Record
from streams.mapping.reading import default_text
from streams.topics import RECORDS
from tests.builders.mappings import a_mapping
from tests.builders.records import a_client, a_record, an_invoice
from tests.builders.terminal import Terminal


@pytest.fixture
def name() -> ConnectionName:
    """A connection of its own: all tests share one Kafka."""
    return ConnectionName(f"mapped-{token_hex(4)}")


@pytest.fixture
async def shell(kafka: str, tmp_path: Path, name: ConnectionName) -> Terminal:
    """A terminal of an installation with 250 clients in the log, one with an invoice, and a broken record."""
    shell = await Terminal.opened(tmp_path, kafka)
    records = [a_record(a_client(number)) for number in range(1, 251)]
    records += [a_record(an_invoice(client=7), at=1), a_record(an_invoice(client=7, paid="100.00"), at=2)]
    async with producing({"bootstrap_servers": kafka}) as producer:
        await produce(producer, [Connection(name=name, freshbooks_account_id=AccountId("p7rQW5"))])
        await produce(producer, [of(name, record) for record in records])
        await produce(producer, [of(f"{name}-other", a_record(a_client()))])
        await producer.send_and_wait(RECORDS.name, b"{ no record", f"{name}:7".encode())
    return shell


def of(name: str, record: Record) -> Record:
    return record.model_copy(update={"connection": name})


def saved(folder: Path, text: str) -> str:
    file = folder / "mapping.toml"
    file.write_text(text, "utf-8")
    return str(file)


async def test_a_changed_mapping_is_rehearsed_then_set(
    shell: Terminal, name: ConnectionName, tmp_path: Path
) -> None:
    code, out, err = await shell.run("mapping", "show", name)
    assert (code, out) == (0, default_text())
    assert "no mapping of its own" in err

    text = a_mapping(account='Type = { literal = "Customer" }', Amount='"{{ invoice.amount * 1.15 }}"')
    file = saved(tmp_path, text)
    code, out, _ = await shell.run("mapping", "rehearse", name, file, "--json")
    told = orjson.loads(out)
    assert code == 1
    assert (told["clients"], told["rows"], told["calls"], told["unreadable"]) == (250, 503, 3, 1)
    assert told["differing"] == [
        {"object": "Account", "becomes": "changed", "rows": 250},
        {"object": "Opportunity", "becomes": "changed", "rows": 1},
    ]
    (sale,) = [row for row in told["differences"] if row["object"] == "Opportunity"]
    assert sale["fields"] == {"Amount": {"from": "100.00", "to": "115.0000"}}

    code, out, _ = await shell.run("mapping", "rehearse", name, file)
    assert code == 1
    assert "Opportunity p7rQW5:31: changed\n  Amount: 100.00 → 115.0000\n" in out
    assert "251 of 503 rows of 250 clients differ: 3 API calls" in out

    code, out, _ = await shell.run("mapping", "set", name, file, "--json")
    told = orjson.loads(out)
    assert (code, told["own"], len(told["version"])) == (0, True, 16)
    code, out, _ = await shell.run("mapping", "show", name)
    assert (code, out) == (0, text)

    code, out, _ = await shell.run("mapping", "rehearse", name, file, "--summary")
    assert code == 0
    assert out.splitlines() == [
        "0 of 503 rows of 250 clients differ: 0 API calls",
        "1 record of the log could not be read",
    ]
    code, out, _ = await shell.run("mapping", "set", name, "--default", "--json")
    assert code == 0
    assert not orjson.loads(out)["own"]
    assert orjson.loads(out)["version"] != told["version"]


async def test_a_mapping_that_cannot_work_is_refused_with_every_flaw(
    shell: Terminal, name: ConnectionName, tmp_path: Path
) -> None:
    file = saved(tmp_path, a_mapping(account='X__c = "client.phnoe"', opportunity='Y__c = "{{ 2 ** 9 }}"'))

    for words in (("set", name, file), ("rehearse", name, file), ("check", name, file)):
        code, out, err = await shell.run("mapping", *words)
        assert (code, out) == (1, "")
        assert "account.fields.X__c: there is no fact client.phnoe here (did you mean client.phone?)" in err
        assert "opportunity.fields.Y__c: pow is not allowed here" in err

    code, out, _ = await shell.run("mapping", "set", name, file, "--json")
    assert code == 1
    assert [flaw["key"] for flaw in orjson.loads(out)["flaws"]] == [
        "account.fields.X__c",
        "opportunity.fields.Y__c",
    ]
    assert (await shell.run("mapping", "set", name))[0] == 2
    assert (await shell.run("mapping", "set", name, str(tmp_path / "nowhere.toml")))[0] == 2
    assert (await shell.run("mapping", "show", name))[1] == default_text()


async def test_a_mapping_is_held_against_the_org(
    shell: Terminal, name: ConnectionName, tmp_path: Path
) -> None:
    async with running_salesforce("prepared") as org:
        login = ("--domain", org.url, "--client-id", org.client_id, "--client-secret-file", "-")
        code, out, err = await shell.run("connect", "salesforce", name, *login, typed=org.client_secret)
        assert code == 0, out + err

        code, out, _ = await shell.run("mapping", "check", name)
        assert code == 0, out
        assert "Account: the org takes it" in out
        assert "Maple & Sons" in out
        assert "Invoice: an example row" not in out, "it has no rows of its own"

        file = saved(tmp_path, a_mapping(account='Region__c = "client.billing_country"'))
        code, out, _ = await shell.run("mapping", "check", name, file, "--json")
        (account,) = [each for each in orjson.loads(out) if each["object"] == "Account"]
        assert code == 1
        assert [each["key"] for each in account["findings"]] == ["account.fields.Region__c"]
        assert "Region__c" not in account["example"], "the org would not be sent it"
        assert account["left_out"] == {"Region__c": "Canada"}
