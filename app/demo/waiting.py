"""Waiting for what happens in other processes: there is nothing to be woken by, so we look again."""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import orjson
from aiohttp import ClientError, ClientSession

AGAIN: Final = 0.1


async def true(holds: Callable[[], bool]) -> None:
    """Return once `holds` is true."""
    while not holds():  # noqa: ASYNC110  # other processes ring no bell
        await asyncio.sleep(AGAIN)


async def ready(session: ClientSession, note: Path) -> None:
    """Return once the role whose port stands in the file `note` says that it is ready."""
    while await _said(session, note) is None:  # noqa: ASYNC110  # as above
        await asyncio.sleep(AGAIN)


async def viewed(session: ClientSession, home: Path, ends: Mapping[int, int]) -> None:
    """Return once the view has stored the audit topic up to `ends` (partition → next offset)."""
    while not _reached(await _said(session, home / "run" / "view.json"), ends):  # noqa: ASYNC110  # as above
        await asyncio.sleep(AGAIN)


def _reached(said: Mapping[str, Any] | None, ends: Mapping[int, int]) -> bool:
    stored = (said or {}).get("stored", {})
    return all(stored.get(str(partition), 0) >= end for partition, end in ends.items())


async def _said(session: ClientSession, note: Path) -> dict[str, Any] | None:
    """Return what a role says of itself, None as long as it is not ready."""
    try:
        port = orjson.loads(note.read_bytes())["port"]  # noqa: ASYNC240  # a hundred bytes
        async with session.get(f"http://127.0.0.1:{port}/health/ready") as answer:
            said: dict[str, Any] = await answer.json()
            return said if answer.status == HTTPStatus.OK else None
    except (FileNotFoundError, ClientError):
        return None
