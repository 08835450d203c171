"""Every figure that a process of ours exports to Prometheus: one list.

The registry, README's table, the Grafana board and the alerts are held against it by tests. A label
holds a word of ours or the name of a connection, never anything of a client, an invoice or a token.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PREFIX: Final = "freshforce_"


class Sort(StrEnum):
    """How a figure moves."""

    COUNTER = "counter"
    """Only grows, from zero at each start of the process."""
    GAUGE = "gauge"


class Label(StrEnum):
    """By what a figure is told apart; each has few values, all of them ours."""

    BEHIND = "behind"
    """What a parked row waits for: `account` or `failed-row`."""
    CONNECTION = "connection"
    KIND = "kind"
    """What a call to Salesforce was for."""
    MEANING = "meaning"
    """`ok`, `no-answer` or what a refusal means."""
    OUTCOME = "outcome"
    SOBJECT = "sobject"
    STEP = "step"
    TABLE = "table"
    TOPIC = "topic"
    VERDICT = "verdict"


@dataclass(frozen=True, slots=True)
class Alarm:
    """When a person should look: `expression` holds for `lasts`."""

    name: str
    expression: str
    lasts: str
    mend: str


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure."""

    name: str
    """Without the prefix, and without the `_total` that Prometheus shows of a counter."""
    sort: Sort
    unit: str
    says: str
    labels: tuple[Label, ...] = ()
    alarm: Alarm | None = None

    @property
    def family(self) -> str:
        """The name under which it is made."""
        return f"{PREFIX}{self.name}"

    @property
    def series(self) -> str:
        """The name under which Prometheus shows it."""
        return f"{self.family}_total" if self.sort is Sort.COUNTER else self.family


def _counter(
    name: str, unit: str, says: str, *labels: Label, alarm: tuple[str, str, str, str] | None = None
) -> Measure:
    return Measure(name, Sort.COUNTER, unit, says, labels, Alarm(*alarm) if alarm else None)


def _gauge(
    name: str, unit: str, says: str, *labels: Label, alarm: tuple[str, str, str, str] | None = None
) -> Measure:
    return Measure(name, Sort.GAUGE, unit, says, labels, Alarm(*alarm) if alarm else None)


_INGRESS: Final = (
    _counter("ingress_accepted", "events", "Events answered 200 after Kafka acknowledged them."),
    _counter("ingress_ignored", "events", "Signed events that we do not carry, answered 200."),
    _counter("ingress_offered", "handshakes", "Handshakes passed on to the keeper of the grants."),
    _counter(
        "ingress_refused",
        "deliveries",
        "Deliveries refused: forged, foreign, malformed, or to no path of ours.",
    ),
    _counter("ingress_limited", "deliveries", "Deliveries answered 429: too many at one callback."),
    _counter(
        "ingress_unkept",
        "deliveries",
        "Deliveries answered 503: Kafka was away or too many were waiting.",
        alarm=(
            "FreshforceWebhooksUnkept",
            "rate(freshforce_ingress_unkept_total[5m]) > 0",
            "2m",
            "see that Kafka runs and answers; FreshBooks sends again, and the poller finds what it gives up",
        ),
    ),
    _counter("ingress_turned_away", "connections", "Connections closed at once: too many at a time."),
    _counter("ingress_unparsable", "requests", "Requests that are no HTTP we accept."),
    _counter(
        "ingress_too_slow",
        "requests",
        "Heads and bodies that did not arrive, and answers that were not read, in time.",
    ),
    _counter("ingress_failed", "requests", "Requests answered 500: our fault."),
    _counter("ingress_rebuilt", "producers", "Kafka producers replaced after a failure."),
    _counter(
        "ingress_audit_lost",
        "entries",
        "Refusals whose audit entry could not be kept; refusals are never worth a wait.",
    ),
    _gauge("ingress_waiting", "deliveries", "Deliveries that wait for Kafka's acknowledgement."),
)

_WORKER: Final = (
    _gauge(
        "worker_ready",
        "0 or 1",
        "1 when partitions are assigned and tables are whole.",
        alarm=(
            "FreshforceWorkerNotReady",
            "freshforce_worker_ready == 0",
            "5m",
            "freshforce health, and the worker's log: its last line says what is set up wrong",
        ),
    ),
    _gauge("in_flight", "messages", "Messages read, outputs not yet acknowledged."),
    _gauge(
        "lag",
        "messages",
        "Messages of our partitions that wait to be read.",
        Label.TOPIC,
        alarm=(
            "FreshforceLagGrows",
            "sum by (topic) (freshforce_lag) > 1000 and sum by (topic) (delta(freshforce_lag[15m])) > 0",
            "15m",
            "see which vendor is slow or keeps a connection aside; else add workers",
        ),
    ),
    _gauge(
        "connections_aside",
        "connections",
        "Connections that wait for their vendor, and keep nobody waiting.",
        Label.STEP,
        alarm=(
            "FreshforceConnectionAside",
            "freshforce_connections_aside > 0",
            "30m",
            "the dashboard names it; freshforce ping NAME says what the vendor wants",
        ),
    ),
    _gauge(
        "parked_rows",
        "rows",
        "Rows of our partitions that wait: `failed-row`, behind one of their client that failed;"
        " `account`, for the row that they refer to, or a person's word which Account it is.",
        Label.CONNECTION,
        Label.BEHIND,
        alarm=(
            "FreshforceRowsBehindFailed",
            'sum by (connection) (freshforce_parked_rows{behind="failed-row"}) > 0',
            "1h",
            "freshforce deadletters list shows what holds how many; retry, edit or discard the largest first",
        ),
    ),
    _gauge("table_rows", "rows", "Rows of our partitions.", Label.TABLE),
    _counter("salesforce_rows", "rows", "Rows sent to Salesforce.", Label.CONNECTION, Label.SOBJECT),
    _counter(
        "salesforce_calls",
        "calls",
        "Calls to Salesforce; a rising share of anything but `ok` is the first sign of trouble.",
        Label.CONNECTION,
        Label.KIND,
        Label.MEANING,
    ),
    _counter(
        "salesforce_log_ins",
        "log-ins",
        "Log-ins at Salesforce, which locks out a user that logs in too often.",
        Label.CONNECTION,
        Label.OUTCOME,
    ),
    _counter("freshbooks_calls", "reads", "Reads from FreshBooks.", Label.CONNECTION, Label.MEANING),
    _counter(
        "grants",
        "requests",
        "Requests to the keeper of the grants; anything but `refreshed` and `superseded` deserves a look.",
        Label.CONNECTION,
        Label.VERDICT,
        alarm=(
            "FreshforceNeedsConsent",
            'increase(freshforce_grants_total{verdict="needs-consent"}[1h]) > 0',
            "0m",
            "freshforce connect freshbooks NAME once more; waiting events go on by themselves",
        ),
    ),
)

_POLLER: Final = (
    _gauge(
        "callbacks_ill",
        "callbacks",
        "Callbacks that do not work, at the last look; polling brings later what they would.",
        Label.CONNECTION,
        alarm=(
            "FreshforceCallbacksIll",
            "freshforce_callbacks_ill > 0",
            "30m",
            "see that the public URL is reached from outside, then freshforce webhooks verify NAME",
        ),
    ),
)

_VIEW: Final = (
    _gauge(
        "view_lag",
        "entries",
        "Audit entries that pages and reports do not know yet.",
        alarm=(
            "FreshforceViewBehind",
            "freshforce_view_lag > 10000",
            "10m",
            "see that the view's database answers; Salesforce is not behind, only what the pages show",
        ),
    ),
    _counter("view_unreadable", "entries", "Audit entries that could not be read; they stay in the topic."),
    _counter(
        "audit_entries",
        "entries",
        "Audit entries read by the view: what happened at each step. A view that is built anew counts again.",
        Label.STEP,
        Label.VERDICT,
        alarm=(
            "FreshforceDeadLetters",
            'increase(freshforce_audit_entries_total{verdict="dead-letter"}[15m]) > 0',
            "0m",
            "the page Dead letters, or freshforce deadletters list: by cause, with the mend",
        ),
    ),
)

MEASURES: Final[Mapping[str, Measure]] = {each.name: each for each in (*_INGRESS, *_WORKER, *_POLLER, *_VIEW)}
