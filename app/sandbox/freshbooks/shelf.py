"""A shelf of rows of one kind, found by id, client, day of change and visibility."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from datetime import date
from typing import Generic, NamedTuple, TypeVar

from app.sandbox.freshbooks.moments import eastern_day
from app.sandbox.freshbooks.rows import Row, Vis

RowT = TypeVar("RowT", bound=Row)


class _Place(NamedTuple):
    """Where the indexes have a row."""

    day: date
    vis_state: int


class Shelf(Generic[RowT]):
    """Rows of one kind. Every index is a list of ids, ascending; so pages are slices."""

    def __init__(self, first_id: int) -> None:
        self.rows: dict[int, RowT] = {}
        self.revision = 0
        """Rises with every change: a remembered answer of an older revision is stale."""
        self._next_id = first_id
        self._of_client: dict[int, list[int]] = {}
        self._of_day: dict[date, list[int]] = {}
        self._of_state: dict[int, list[int]] = {Vis.ACTIVE: [], Vis.DELETED: [], Vis.ARCHIVED: []}
        self._shown: list[int] = []

    def __len__(self) -> int:
        return len(self.rows)

    def new_id(self) -> int:
        """Return the next id."""
        self._next_id += 1
        return self._next_id - 1

    def put(self, row: RowT) -> RowT:
        """Put a row on the shelf, in the place of the one with its id if there is one."""
        before = self.rows.get(row.id)
        self.rows[row.id] = row
        if before is None:
            insort(self._of_client.setdefault(row.client, []), row.id)
            self._enter(row)
        elif _place(before) != _place(row):
            self._leave(row.id, _place(before))
            self._enter(row)
        self.revision += 1
        return row

    def of_client(self, client: int) -> Sequence[int]:
        """Return the ids of a client's rows, ascending, deleted ones included."""
        return self._of_client.get(client, ())

    def of_state(self, vis_state: int) -> Sequence[int]:
        """Return the ids of the rows with this `vis_state`."""
        return self._of_state.get(vis_state, ())

    def shown(self) -> Sequence[int]:
        """Return the ids that a list shows when not asked otherwise: active and archived."""
        return self._shown

    def of_days(self, first: date | None, before: date | None) -> Sequence[int]:
        """Return the ids of rows last changed from `first` on and before `before`, Eastern days."""
        days = (
            ids
            for day, ids in self._of_day.items()
            if (first is None or day >= first) and (before is None or day < before)
        )
        return sorted(row_id for ids in days for row_id in ids)

    def _enter(self, row: RowT) -> None:
        place = _place(row)
        insort(self._of_day.setdefault(place.day, []), row.id)
        insort(self._of_state[place.vis_state], row.id)
        if place.vis_state != Vis.DELETED:
            insort(self._shown, row.id)

    def _leave(self, row_id: int, place: _Place) -> None:
        _drop(self._of_day[place.day], row_id)
        _drop(self._of_state[place.vis_state], row_id)
        if place.vis_state != Vis.DELETED:
            _drop(self._shown, row_id)


def _place(row: Row) -> _Place:
    return _Place(eastern_day(row.updated), row.vis_state)


def _drop(ids: list[int], row_id: int) -> None:
    del ids[bisect_left(ids, row_id)]
