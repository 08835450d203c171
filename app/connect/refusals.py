"""A connecting that is refused stands in the audit, whoever tried it and however it failed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from app.connect.asking import Taken
from app.connect.consent import ForeignState
from app.registry import Registry
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Transient

_ANOTHERS: Final = frozenset({Taken.code, "asked-anew"})
"""Somebody else goes on with it: nothing failed."""


@asynccontextmanager
async def refusals_said(
    registry: Registry, connection: Connection, vendor: str = "FreshBooks"
) -> AsyncIterator[None]:
    """Have what is refused inside said in the audit, then to the person; no answer is no refusal."""
    try:
        yield
    except FreshforceError as refused:
        verdict = _verdict(refused)
        with suppress(Transient):  # Kafka is away: the person hears of it all the same
            await registry.note(connection, verdict, f"{vendor} was not connected: {refused}")
        raise


def _verdict(refused: FreshforceError) -> Verdict:
    if isinstance(refused, Transient) or refused.code in _ANOTHERS:
        return Verdict.IGNORED
    return Verdict.SECURITY if isinstance(refused, ForeignState) else Verdict.AUTH_FAILED
