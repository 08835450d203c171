"""Whether a poller does its work, check by check. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from app.vitals import Check, checked, kafka


def readiness(polling: Collection[str], ill: Mapping[str, str], *, answers: bool) -> Mapping[str, Any]:
    """Return a poller's report with its checks; `ill` says why the last pass of a connection failed.

    One that polls nothing is ready: another has all connections, or none is connected yet.
    """
    return checked({"polling": sorted(polling)}, kafka(answers), *_passes(polling, ill))


def _passes(polling: Collection[str], ill: Mapping[str, str]) -> Iterator[Check]:
    for name in sorted(polling):
        well, mend = name not in ill, f"freshforce ping {name}; it goes on by itself once FreshBooks answers"
        says = "polled as due" if well else f"its last pass failed: {ill[name]}"
        yield Check(f"FreshBooks of {name}", well, says, mend, needed=False)
