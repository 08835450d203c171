"""The same history into a sandbox org, under another prefix."""

from pathlib import Path

import orjson

from app.kafka.producer import produce, producing
from app.sandbox.salesforce.running import running_salesforce
from streams.domain.connection import Connection
from streams.domain.identity import ConnectionName
from tests.builders.records import ACME, a_client, a_record, an_invoice
from tests.builders.replayed import installed

KEY = "FreshBooks_Client_Id__c"


async def test_a_history_is_replayed_into_another_org_under_another_prefix(tmp_path: Path) -> None:
    async with installed(tmp_path) as house, running_salesforce("prepared", seed=1) as other:
        async with producing({"bootstrap_servers": house.kafka}) as producer:
            await produce(producer, [Connection(name=ConnectionName("acme-dev"))])
        login = ("--domain", other.url, "--client-id", other.client_id, "--client-secret-file", "-")
        words = ("connect", "salesforce", "acme-dev", *login)
        code, out, err = await house.shell.run(*words, typed=other.client_secret)
        assert code == 0, out + err
        house.worker.start()
        await house.put([a_record(a_client(7)), a_record(a_client(8)), a_record(an_invoice(client=7), at=1)])
        await house.settled()
        assert other.control.people.rows("Account") == []

        copy = ("replay", "copy", ACME, "--to", "acme-dev", "--prefix", "dev", "--json")
        code, out, err = await house.shell.run(*copy)
        assert (code, orjson.loads(out)["records"]) == (0, 3), out + err
        code, out, err = await house.shell.run(*copy, "--apply")
        assert code == 0, out + err
        await house.settled()

        assert {row[KEY] for row in other.control.people.rows("Account")} == {"dev:7", "dev:8"}
        assert len(other.control.people.rows("Opportunity")) == 1
        assert {row[KEY] for row in house.rows("Account")} == {"p7rQW5:7", "p7rQW5:8"}
