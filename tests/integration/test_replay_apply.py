"""The README's replay walk: preview, apply, pause, resume, force; the workers step aside and come back."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from streams.domain.record import Record
from tests.builders.mappings import a_mapping
from tests.builders.records import ACME, a_client, a_record, an_invoice
from tests.builders.replayed import Installed, installed

CLIENTS = 30


def a_log() -> list[Record]:
    records = [
        a_record(a_client(number, organization=f"Client {number}")) for number in range(1, CLIENTS + 1)
    ]
    return [*records, a_record(an_invoice(client=7), at=1), a_record(an_invoice(32, client=8), at=1)]


async def told(house: Installed, *words: str, code: int = 0) -> Any:
    ended, out, err = await house.shell.run("replay", *words, "--json")
    assert ended == code, (words, ended, out, err)
    return orjson.loads(out)


async def mapped(house: Installed, folder: Path, kind: str) -> None:
    file = folder / f"{kind}.toml"
    file.write_text(a_mapping(account=f'Type = {{ literal = "{kind}" }}'), "utf-8")
    code, out, err = await house.shell.run("mapping", "set", ACME, str(file))
    assert code == 0, out + err


def types(house: Installed) -> dict[object, int]:
    found: dict[object, int] = {}
    for row in house.rows("Account"):
        found[row.get("Type")] = found.get(row.get("Type"), 0) + 1
    return found


@pytest.mark.slow  # a minute and a half
async def test_a_plan_does_what_its_preview_says_and_no_more(tmp_path: Path) -> None:
    async with installed(tmp_path) as house:
        house.worker.start()
        await house.put(a_log())
        await house.settled()

        await _one_client_of_many(house, tmp_path)
        await _refused_once_the_log_moved(house, tmp_path)
        await _all(house)
        await _paused_and_resumed(house, tmp_path)
        await _forced(house)
        assert {75} <= {*house.worker.codes} <= {0, 75}  # it stepped aside, and never failed


async def _one_client_of_many(house: Installed, folder: Path) -> None:
    await mapped(house, folder, "Customer")
    plan = await told(house, "preview", ACME, "--only", "client:7", code=1)
    assert [(it["object"], it["external_id"]) for it in plan["differences"]] == [("Account", "p7rQW5:7")]
    assert (await told(house, "apply", plan["plan"], code=1))["state"] == "planned"
    assert types(house) == {None: CLIENTS}

    done = await told(house, "apply", plan["plan"][:6], "--apply")

    assert (done["state"], done["rows"], done["calls"]) == ("done", 1, 1)
    assert types(house) == {None: CLIENTS - 1, "Customer": 1}


async def _refused_once_the_log_moved(house: Installed, folder: Path) -> None:
    plan = (await told(house, "preview", ACME, code=1))["plan"]
    await house.put([a_record(a_client(9, organization="Renamed"), at=5)])
    await house.settled()

    code, _, err = await house.shell.run("replay", "apply", plan, "--apply")
    assert code == 1
    assert "acme:9 is new at freshforce.records/" in err

    plan = (await told(house, "preview", ACME, code=1))["plan"]
    await mapped(house, folder, "Prospect")
    code, _, err = await house.shell.run("replay", "apply", plan, "--apply")
    assert code == 1
    assert "the mapping changed from" in err


async def _all(house: Installed) -> None:
    plan = await told(house, "preview", ACME, code=1)
    assert plan["rows"] == [{"object": "Account", "becomes": "changed", "rows": CLIENTS}]

    assert (await told(house, "apply", plan["plan"], "--apply"))["state"] == "done"

    assert types(house) == {"Prospect": CLIENTS}
    assert (await told(house, "preview", ACME))["rows"] == []
    code, _, err = await house.shell.run("replay", "apply", plan["plan"], "--apply")
    assert code == 1
    assert f"replay {plan['plan']} is done" in err


async def _paused_and_resumed(house: Installed, folder: Path) -> None:
    """Pause while no worker is there to do it: what is new goes on, and the rest is done later."""
    await mapped(house, folder, "Partner")
    plan = (await told(house, "preview", ACME, code=1))["plan"]
    await house.worker.stop()
    applying = asyncio.create_task(house.shell.run("replay", "apply", plan, "--apply"))
    while (it := (await told(house, "list"))[0])["state"] != "running":  # noqa: ASYNC110  # another process's doing
        await asyncio.sleep(0.2)
    assert 0 < it["messages"]["left"] == it["messages"]["of"]
    assert (await told(house, "pause", plan))["state"] == "paused"
    code, out, _ = await applying
    assert (code, "is paused" in out) == (1, True)

    house.worker.start()
    await house.put([a_record(a_client(CLIENTS + 1), at=1)])
    await house.settled()
    assert types(house) == {"Prospect": CLIENTS, "Partner": 1}

    assert (await told(house, "resume", plan))["state"] == "done"
    assert types(house) == {"Partner": CLIENTS + 1}
    code, out, err = await house.shell.run("replay", "verify", ACME)
    assert code == 0, out + err


async def _forced(house: Installed) -> None:
    for source in ("records", "commands"):
        before = house.upserts
        plan = await told(house, "preview", ACME, "--only", "client:7", "--from", source, "--force", code=1)
        becomes = {each["object"]: each["becomes"] for each in plan["rows"]}
        assert becomes.pop("Order") == "looked for"  # where there is one by then, it gets the amount
        assert {*becomes.values()} == {"sent again"}
        assert (await told(house, "apply", plan["plan"], "--apply"))["state"] == "done"
        assert house.upserts > before
        before = house.upserts
        twice = source == "commands"  # the log has what either mapping said: the later is sent for sure
        plan = await told(house, "preview", ACME, "--only", "client:7", "--from", source, code=int(twice))
        assert plan["calls"] == int(twice)
        assert (await told(house, "apply", plan["plan"], "--apply"))["state"] == "done"
        assert house.upserts - before == plan["calls"]
