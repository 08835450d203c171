"""A role's health on a loopback port of its own; where it is stands in a file of the state folder."""

import os
from pathlib import Path

import orjson
from aiohttp import web
from prometheus_client import CollectorRegistry

from app.vitals import Report, vitals


async def serve(
    name: str, home: Path, report: Report, figures: CollectorRegistry | None = None
) -> web.AppRunner:
    """Answer /health/live, /health/ready and /metrics from now on; `cleanup` of what is returned ends it."""
    runner = web.AppRunner(vitals(report, figures or CollectorRegistry()), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _tell(name, home, runner.addresses[0][1])
    return runner


def note_of(name: str, home: Path) -> Path:
    """Return the file that says where a role's health is."""
    return home / "run" / f"{name}.json"


def _tell(name: str, home: Path, port: int) -> None:
    note = note_of(name, home)
    note.parent.mkdir(parents=True, exist_ok=True)
    fresh = note.with_suffix(".new")
    fresh.write_bytes(orjson.dumps({"name": name, "pid": os.getpid(), "port": port}))
    fresh.replace(note)
