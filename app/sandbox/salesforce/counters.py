"""What was asked of the org: calls by endpoint and outcome, rows per call."""

from collections import Counter
from collections.abc import Sequence

from app.sandbox.salesforce.refusal import Json


class Counters:
    """Counts since the last reset. A call is one HTTP request that reached the API."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Begin again at nothing."""
        self.calls: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.rows: dict[str, Counter[int]] = {}
        self.written: Counter[str] = Counter()
        """Rows of calls with several rows, by what became of them: created, written otherwise, refused."""

    def call(self, endpoint: str, status: int) -> None:
        """Count an answered call."""
        self.calls[endpoint] += 1
        self.statuses[status] += 1

    def carried(self, endpoint: str, rows: int) -> None:
        """Count how many rows a call brought."""
        self.rows.setdefault(endpoint, Counter())[rows] += 1

    def wrote(self, results: Sequence[Json]) -> None:
        """Count what became of the rows of a call."""
        for result in results:
            self.written[
                "refused" if not result["success"] else "created" if result.get("created") else "written"
            ] += 1

    def as_json(self) -> Json:
        """Return all counts."""
        sizes = {name: {str(size): times for size, times in held.items()} for name, held in self.rows.items()}
        return {
            "calls": dict(self.calls), "total": self.calls.total(), "rows_per_call": sizes,
            "statuses": {str(status): times for status, times in self.statuses.items()},
            "written": dict(self.written),
        }  # fmt: skip
