"""A role's health on a loopback port of its own; where it is stands in a file of the state folder."""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry

from app.vitals import Report, vitals


async def serve(
    name: str, home: Path, report: Report, figures: CollectorRegistry | None = None
) -> web.AppRunner:
    """Answer /health/live, /health/ready and /metrics from now on; `cleanup` of what is returned ends it.

    Whoever ends in order takes the file away: one left behind tells of a role that should run and does not.
    """
    site = vitals(report, figures or CollectorRegistry())
    runner = web.AppRunner(site, access_log=None)
    site.on_cleanup.append(partial(_take_back, name, home))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _tell(name, home, runner.addresses[0][1])
    return runner


def note_of(name: str, home: Path) -> Path:
    """Return the file that says where a role's health is."""
    return home / "run" / f"{name}.json"


def address(name: str, home: Path) -> str:
    """Return the URL of a role's health; empty while the role does not say one."""
    port = port_in(note_of(name, home))
    return f"http://127.0.0.1:{port}" if port else ""


def port_in(note: Path) -> int:
    """Return the port that a role says in its file; 0 while it says none."""
    try:
        return int(orjson.loads(note.read_bytes())["port"])
    except FileNotFoundError:
        return 0


@contextmanager
def awaited(names: Collection[str], home: Path) -> Iterator[None]:
    """Have each of the roles that are about to start missed until it answers for itself.

    At the end those are forgotten that do not: nobody keeps them any more.
    """
    for name in names:
        _tell(name, home, 0)
    try:
        yield
    finally:
        for name in names:
            if not port_in(note_of(name, home)):
                note_of(name, home).unlink(missing_ok=True)


def missed(name: str, home: Path) -> None:
    """Have a role missed that failed, until it answers for itself."""
    with suppress(OSError):  # a full disk must not end those that run
        _tell(name, home, 0)


def _tell(name: str, home: Path, port: int) -> None:
    note = note_of(name, home)
    note.parent.mkdir(parents=True, exist_ok=True)
    fresh = note.with_suffix(".new")
    fresh.write_bytes(orjson.dumps({"name": name, "pid": os.getpid(), "port": port}))
    fresh.replace(note)


async def _take_back(name: str, home: Path, _site: web.Application) -> None:
    note_of(name, home).unlink(missing_ok=True)
