"""Whether a worker does its work, check by check. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.vitals import Check, checked, kafka
from streams.domain.audit import Step

VENDORS: Final[Mapping[Step, str]] = {Step.FETCH: "FreshBooks", Step.DELIVER: "Salesforce"}
_TABLES: Final = "wait: they are loaded from Kafka; seconds for a million rows"
_JOINING: Final = "joins the group", "wait: seconds after its start, or while workers come and go"
_ASSIGNMENT: Final = "one worker more than there are partitions has none: run fewer, or look at its log"


def readiness(
    said: Mapping[str, Any], *, answers: bool, last: Mapping[tuple[str, Step], str]
) -> Mapping[str, Any]:
    """Return a worker's report with its checks; `last` holds each vendor's last answer by connection."""
    mine, settled = said.get("partitions", ()), "partitions" in said
    tables = "recovered" if settled else f"{said.get('loaded', 0):,} entries loaded so far"
    return checked(
        said,
        kafka(answers),
        Check("assignment", bool(mine), *(_shared(len(mine)) if settled else _JOINING)),
        Check("tables", settled, tables, _TABLES),
        *_vendors(said, last),
    )


def _shared(count: int) -> tuple[str, str]:
    return f"{count} {'partition' if count == 1 else 'partitions'}", _ASSIGNMENT


def _vendors(said: Mapping[str, Any], last: Mapping[tuple[str, Step], str]) -> Iterator[Check]:
    aside = {(str(it["connection"]), Step(it["step"])) for it in said.get("aside", ())}
    for name, step in sorted({*last, *aside}):
        waits, vendor = (name, step) in aside, VENDORS.get(step, step.value)
        says = f"last answer: {last.get((name, step), 'none')}{', its messages wait' if waits else ''}"
        mend = f"freshforce ping {name}; it goes on by itself once {vendor} answers"
        yield Check(f"{vendor} of {name}", not waits, says, mend, needed=False)
