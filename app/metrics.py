"""What a process counts of its calls to the vendors; exported as `freshforce_<name>`.

The ingress counts for itself (app.ingress.tally), and what a worker can tell at any moment is asked of it
at each scrape (app.worker.figures).
"""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """The counters of one process; made by its composition root, never at import."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, says: str, *labels: str) -> Counter:
            return Counter(f"freshforce_{name}", says, labels, registry=registry)

        # Both vendors have limits, and a rising share of anything but `ok` is the first sign of trouble.
        self.freshbooks = counter("freshbooks_calls", "Reads from FreshBooks.", "connection", "meaning")
        self.salesforce = counter("salesforce_calls", "Calls to Salesforce.", "connection", "kind", "meaning")
        self.rows = counter("salesforce_rows", "Rows sent to Salesforce.", "connection", "sobject")
        # `needs-consent` is for a person; anything but `refreshed` and `superseded` deserves a look.
        self.grants = counter("grants", "Requests to the keeper of the grants.", "connection", "verdict")
        # An org locks a user out who logs in too often; the limit of a worker is in app.salesforce.logins.
        self.log_ins = counter("salesforce_log_ins", "Log-ins at Salesforce.", "connection", "outcome")
        # Webhooks that stop coming are missed by nobody, as polling brings the changes later.
        says = "Callbacks that do not work, at the last look."
        self.callbacks = Gauge("freshforce_callbacks_ill", says, ("connection",), registry=registry)

    def grant(self, connection: str, verdict: str) -> None:
        """Count what the keeper of the grants decided."""
        self.grants.labels(connection, verdict).inc()

    def logged_in(self, connection: str, outcome: str) -> None:
        """Count a log-in at Salesforce, and what came of it."""
        self.log_ins.labels(connection, outcome).inc()

    def ill(self, connection: str, count: int) -> None:
        """Tell how many callbacks of a connection do not work."""
        self.callbacks.labels(connection).set(count)

    def read(self, connection: str, meaning: str) -> None:
        """Count a read from FreshBooks, and what came of it."""
        self.freshbooks.labels(connection, meaning).inc()
