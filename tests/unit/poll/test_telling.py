"""Whoever sees no bar learns why a backfill waits, and does not learn it all day."""

from dataclasses import dataclass, field

from app.poll.pace import PAUSE, STILL, Unread, Waiting
from app.poll.telling import AGAIN, Telling


@dataclass
class Terminal:
    """A bar, the lines beside it, and a clock."""

    now: float = 1_000.0
    bar: list[str | None] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def telling(self) -> Telling:
        return Telling(self.bar.append, self.lines.append, lambda: self.now)

    def wait(self, telling: Telling, seconds: float, *, aside: bool = False) -> None:
        """One wait of so many seconds, with a look at each pause, of workers that do move."""
        for look in range(round(seconds / PAUSE) + 1):
            telling(Waiting(Unread(10_000 - look, 0, 0, aside), 50, still=False, seconds=look * PAUSE))
            self.now += PAUSE
        telling(None)


def test_the_bar_says_it_at_once_and_a_short_wait_writes_no_line() -> None:
    terminal = Terminal()

    terminal.wait(terminal.telling(), 2 * PAUSE)

    assert terminal.bar[0] == "waits for the workers: 10,000 messages unread, goes on at 50"
    assert terminal.bar[-1] is None
    assert terminal.lines == []


def test_a_wait_behind_other_connections_that_are_busy_is_said_once_and_every_ten_minutes() -> None:
    terminal = Terminal()

    terminal.wait(terminal.telling(), STILL + 2 * AGAIN)

    assert [line.partition(":")[0] for line in terminal.lines] == ["waits for the workers"] * 3


def test_a_connection_that_is_kept_waiting_is_said_too() -> None:
    terminal = Terminal()

    terminal.wait(terminal.telling(), STILL, aside=True)

    (line,) = terminal.lines
    assert line.startswith("waits a vendor keeps the connection waiting")


def test_many_waits_in_a_row_write_no_line_each() -> None:
    terminal, waits = Terminal(), 5
    telling = terminal.telling()

    for _ in range(waits):
        terminal.wait(telling, 2 * STILL)

    assert len(terminal.lines) == 1
