"""The roles that run on this machine, and what each says of itself."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout

from app.process.health import address

PATIENCE: Final = ClientTimeout(total=1.5)


@dataclass(frozen=True, slots=True)
class Role:
    """A role's own word."""

    name: str
    ready: bool
    says: str
    lag: Mapping[str, int]
    """Messages that wait to be read, by topic."""
    aside: tuple[str, ...]
    """Connections that wait for their vendor."""


async def roles(home: Path) -> list[Role]:
    """Return what every role says that has left a note in `home`."""
    names = await asyncio.to_thread(lambda: sorted(note.stem for note in (home / "run").glob("*.json")))
    async with ClientSession(timeout=PATIENCE) as session:
        return list(await asyncio.gather(*(_asked(session, name, home) for name in names)))


async def _asked(session: ClientSession, name: str, home: Path) -> Role:
    try:
        async with session.get(f"{address(name, home)}/health/ready") as answer:
            return told(name, await answer.json(loads=orjson.loads))
    except (ClientError, TimeoutError, orjson.JSONDecodeError):
        return Role(name, ready=False, says="does not run, or does not answer", lag={}, aside=())


def told(name: str, said: Mapping[str, Any]) -> Role:
    """Return a role from its report."""
    behind = said.get("lag", 0)
    by_topic = (
        dict(behind) if isinstance(behind, dict) else {"freshforce.audit": int(behind)} if behind else {}
    )
    aside = tuple(sorted({str(each["connection"]) for each in said.get("aside", ())}))
    return Role(
        name,
        ready=bool(said.get("ready")),
        says="" if said.get("ready") else "not ready yet",
        lag=by_topic,
        aside=aside,
    )
