"""A data engineer replays the log: with Kafka's own tools, previewed and proved by ours."""

from pathlib import Path

import orjson

from app.kafka.producer import producing
from streams.codec import encode
from streams.domain.record import Record
from streams.topics import COMMANDS
from tests.builders.commands import a_command
from tests.builders.mappings import a_mapping
from tests.builders.records import ACME, a_client, a_record, an_invoice
from tests.builders.replayed import Installed, installed


def a_log() -> list[Record]:
    records = [a_record(a_client(number, organization=f"Client {number}")) for number in (7, 8, 9)]
    records += [a_record(an_invoice(client=7), at=1), a_record(an_invoice(32, client=8), at=1)]
    return [*records, a_record(an_invoice(client=7, paid="100.00"), at=2)]


async def test_what_kafkas_own_tool_rewinds_is_replayed_and_only_differences_cost_calls(
    tmp_path: Path,
) -> None:
    async with installed(tmp_path) as house:
        house.worker.start()
        await house.put(a_log())
        await house.settled()
        await house.worker.stop()
        first = house.upserts
        assert first > 0
        assert (len(house.rows("Account")), len(house.rows("Opportunity"))) == (3, 2)

        assert "freshforce.records" in await house.rewound_by_kafkas_tool()
        house.worker.start()
        await house.settled()
        assert house.upserts == first

        await _verified(house)
        await _changed_by_a_mapping(house, tmp_path)
        await _forged(house)


async def _verified(house: Installed) -> None:
    code, out, err = await house.shell.run("replay", "verify", ACME, "--json")
    told = orjson.loads(out)
    assert (code, told["alarms"], told["records"], told["rows"]) == (0, [], 6, 11), out + err
    assert told["delivered_same"] == 8, "three Orders were looked for in vain"


async def _changed_by_a_mapping(house: Installed, folder: Path) -> None:
    """Set another mapping; the preview says what a replay by Kafka's tool then does."""
    file = folder / "mapping.toml"
    file.write_text(a_mapping(account='Type = { literal = "Customer" }'), "utf-8")
    code, out, err = await house.shell.run("mapping", "set", ACME, str(file))
    assert code == 0, out + err

    code, out, err = await house.shell.run("replay", "preview", ACME, "--json")
    told = orjson.loads(out)
    assert code == 1, out + err
    assert told["rows"] == [{"object": "Account", "becomes": "changed", "rows": 3}]
    assert (told["calls"], told["left_alone"]) == (1, 8)
    assert told["budget"]["limit"] > told["budget"]["ours"] > 0
    assert {each["fields"]["Type"]["to"] for each in told["differences"]} == {"Customer"}
    assert all(each["fields"].keys() == {"Type"} for each in told["differences"])
    assert {row.get("Type") for row in house.rows("Account")} == {None}

    await house.worker.stop()
    await house.rewound_by_kafkas_tool()
    house.worker.start()
    await house.settled()
    assert {row.get("Type") for row in house.rows("Account")} == {"Customer"}

    code, out, err = await house.shell.run("replay", "preview", ACME, "--only", "invoice:31")
    assert code == 0, out + err
    assert "0 API calls" in out
    await _refused(house)
    code, out, err = await house.shell.run("replay", "verify", ACME)
    assert (code, out.splitlines()[-1]) == (0, "nothing differs"), out + err


async def _refused(house: Installed) -> None:
    code, _, err = await house.shell.run("replay", "preview", ACME, "--offsets", "0:99")
    assert code == 1
    assert "freshforce.records partition 0: 99 is not within 0 to " in err
    code, _, err = await house.shell.run("replay", "preview", ACME, "--only", "payment:5")
    assert code == 1
    assert "neither client:NUMBER nor invoice:NUMBER" in err


async def _forged(house: Installed) -> None:
    """Somebody writes a command that no record calls for, under today's mapping: verify sees it."""
    async with producing({"bootstrap_servers": house.kafka}) as producer:
        code, out, _ = await house.shell.run("mapping", "set", ACME, "--default", "--json")
        assert code == 0
        forged = a_command(says="Forged", version=1).model_copy(
            update={"mapping": orjson.loads(out)["version"]}
        )
        await producer.send_and_wait(COMMANDS.name, encode(forged), forged.key.encode())
    code, out, _ = await house.shell.run("replay", "verify", ACME)
    assert code == 1
    assert "acme:7:Account:p7rQW5:7, version 1: commands has" in out
