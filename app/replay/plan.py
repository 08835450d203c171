"""From a preview to a plan: what was seen is written down, and only that may be applied."""

from collections.abc import Sequence
from datetime import datetime

from app.replay.preview import Preview, Span
from app.replay.weighing import UNSENT
from streams.domain.identity import digest
from streams.domain.replay import Replay, Stretch
from streams.mapping.rules import Rules


def planned(preview: Preview, spans: Sequence[Span], at: datetime, by: str) -> Replay:
    """Return the plan of a replay that was previewed at `at`."""
    scope, tally = preview.scope, preview.tally
    named = digest("replay", scope.connection, scope.only, preview.source.value, at.isoformat())
    return Replay(
        id=named[:12],
        connection=scope.connection,
        source=preview.source,
        only=scope.only,
        forced=preview.forced,
        mapping=Rules.of(preview.connection).version,
        planned_at=at,
        previewed_by=by,
        rows=sum(count for (_, sort), count in tally.rows.items() if sort not in UNSENT),
        calls=tally.calls,
        stretches=tuple(Stretch(partition=it.partition, begin=it.begin, end=it.end) for it in spans),
    )
