"""The demo itself: it tells the truth when all is well, and when it is not."""

import asyncio
import os
import sys
from contextlib import suppress
from io import StringIO
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from app.cli.demo import end, printed
from app.demo.driver import Demo, Wish
from app.demo.processes import Shop
from app.demo.progress import Watcher
from app.demo.stage import Stage, staged
from app.demo.summary import Summary
from app.process.role import ROLES
from tests.builders.waiting import until

SIZE = 12
KEYS = (
    *("accepted", "records", "applied", "unchanged", "superseded", "parked", "dead_letters"),
    *("lost", "wrong", "salesforce_calls", "seconds"),
)
PLAYED_IN_PEACE = Wish("a-busy-morning", 3, SIZE, keep=False)


async def somebody_edits_an_amount(stage: Stage) -> None:
    """A person changes an Opportunity in Salesforce, of which FreshBooks knows nothing."""
    url = f"{stage.backstage.salesforce.url}/_sandbox/rows/Opportunity"
    async with stage.session.get(url) as answer:
        rows = orjson.loads(await answer.read())
    ours = next(row for row in rows if row.get("FreshBooks_Invoice_Id__c"))
    async with stage.session.patch(f"{url}/{ours['Id']}", json={"Amount": 0.01}) as answer:
        assert answer.ok


async def somebody_deletes_an_opportunity(stage: Stage) -> None:
    """A person deletes one, too."""
    url = f"{stage.backstage.salesforce.url}/_sandbox/rows/Opportunity"
    async with stage.session.get(url) as answer:
        rows = orjson.loads(await answer.read())
    *_, ours = (row for row in rows if row.get("FreshBooks_Invoice_Id__c"))
    async with stage.session.delete(f"{url}/{ours['Id']}") as answer:
        assert answer.ok


def exit_code(summary: Summary) -> object:
    with pytest.raises(SystemExit) as ended:
        end(summary)
    return ended.value.code


async def test_the_demo_is_good_until_somebody_tampers_with_salesforce(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = StringIO()
    demo = Demo(PLAYED_IN_PEACE, tmp_path / "demo", Console(file=screen, width=120))
    async with staged(tmp_path / "demo", 3, demo.say) as stage, Watcher(stage.kafka) as watcher:
        await demo.play(stage, watcher)

        good = await demo.judge(stage, watcher)
        printed(good)
        assert tuple(orjson.loads(capsys.readouterr().out)) == KEYS
        assert good.accepted > 0
        assert good.applied > 0
        assert (good.lost, good.wrong, good.parked, good.dead_letters) == (0, 0, 0, 0), screen.getvalue()
        assert exit_code(good) == 0
        assert "nothing lost, nothing wrong" in screen.getvalue()
        assert "signature fits verifier" in screen.getvalue()

        await somebody_edits_an_amount(stage)
        bad = await demo.judge(stage, watcher)
        assert (bad.wrong, bad.lost) == (1, 0)
        assert exit_code(bad) == 1
        assert "NOT GOOD" in screen.getvalue()

        await somebody_deletes_an_opportunity(stage)
        worse = await demo.judge(stage, watcher)
        assert (worse.wrong, worse.lost) == (1, 1)

    log = (tmp_path / "demo" / "run.log").read_text()
    levels = [orjson.loads(line)["level"] for line in log.splitlines()]
    assert "error" not in levels
    assert log.count("role.restarts") == 1, "the worker was killed once"
    assert log.count("role.ended") == len(ROLES)


async def test_the_command_prints_its_figures_and_nothing_else(tmp_path: Path) -> None:
    environment = dict(os.environ) | {"FRESHFORCE_HOME": str(tmp_path)}
    words = ("demo", "--scenario", "webhooks-were-lost", "--size", str(SIZE), "--json")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", *words),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    out, err = await process.communicate()

    figures = orjson.loads(out)
    assert (process.returncode, err) == (0, b"")
    assert tuple(figures) == KEYS
    assert (figures["lost"], figures["wrong"]) == (0, 0)


async def test_the_demo_does_not_use_the_settings_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They may name a real Kafka; these are such that whoever reads them stops."""
    home = tmp_path / "demo"
    home.mkdir()
    (tmp_path / ".env").write_text("FRESHFORCE_PARTITIONS=many\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRESHFORCE_MIN_INSYNC", "many")
    shop = Shop(home, {"FRESHFORCE_HOME": str(home)})

    await shop.command("keys", "new")

    assert (home / "keys").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes where Linux shows them")
async def test_a_demo_that_is_told_to_end_leaves_no_process_behind(tmp_path: Path) -> None:
    environment = dict(os.environ) | {"FRESHFORCE_HOME": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "demo"), env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    await until(lambda: len(ours(tmp_path)) > 2, 30)

    process.terminate()

    async with asyncio.timeout(30):
        assert await process.wait() == 143
    assert ours(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
async def test_a_demo_that_is_killed_leaves_no_process_behind(tmp_path: Path) -> None:
    """What was left would stand in the way of the next demo, in the same folder."""
    environment = dict(os.environ) | {"FRESHFORCE_HOME": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "app", "demo"), env=environment, stdout=asyncio.subprocess.DEVNULL
    )
    await until(lambda: sum("app.process.role" in each for each in ours(tmp_path)) > 2, 60)

    process.kill()

    await process.wait()
    await until(lambda: ours(tmp_path) == [], 30)


def ours(home: Path) -> list[str]:
    """Return the command lines of the processes whose state is in `home`."""
    mark = f"FRESHFORCE_HOME={home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found
