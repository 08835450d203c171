"""Counting what we ask of Salesforce."""

from typing import Protocol

from app.metrics import Metrics
from streams.domain.identity import ConnectionName


class Meter(Protocol):
    """Who counts our calls and rows."""

    def called(self, connection: ConnectionName, kind: str, meaning: str) -> None:
        """Note one HTTP call: what it was for, and `ok`, `no-answer` or what its refusal means."""
        ...

    def carried(self, connection: ConnectionName, sobject: str, rows: int) -> None:
        """Note that a call carried so many rows."""
        ...


class Unmetered:
    """Counts nothing."""

    def called(self, connection: ConnectionName, kind: str, meaning: str) -> None:
        """Let the call pass by."""

    def carried(self, connection: ConnectionName, sobject: str, rows: int) -> None:
        """Let the rows pass by."""


class Metered:
    """Counts into the figures of the process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def called(self, connection: ConnectionName, kind: str, meaning: str) -> None:
        """Count the call."""
        self._metrics.called(connection, kind, meaning)

    def carried(self, connection: ConnectionName, sobject: str, rows: int) -> None:
        """Count the rows."""
        self._metrics.rows.labels(connection, sobject).inc(rows)
