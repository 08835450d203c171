"""One connection that is aside: where it stands, what of it is in hand, and what it has passed by.

    asked ──too long──▶ leaving ──row durable──▶ aside ──caught up──▶ joined ──all done, row gone──▶ as all
                                                   ▲                    │
                                                   └───── stuck again ──┘

Its row holds an offset: all of its deliveries before that are done. Every delivery from there on is
asked in this process, or will be read again; so Kafka may have it for done. The row moves when what was
concluded is durable, never with it: of one window Kafka may keep the row and lose the rest.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from streams.loop.limits import Limits
from streams.loop.lines import Line
from streams.loop.opened import Opened


class Stand(Enum):
    """How far a connection has left the others."""

    LEAVING = auto()
    """Its row is on its way to Kafka."""
    ASIDE = auto()
    """New deliveries are acknowledged unseen; it reads them again when it has room."""
    JOINED = auto()
    """It has caught up: new deliveries are asked as they come, but the row still stands for older ones."""
    CLEARING = auto()
    """The row's deletion is on its way to Kafka."""


@dataclass(eq=False, slots=True)
class Aside:
    """The state of one connection that is aside."""

    connection: bytes
    row: int
    """The offset that its durable row holds."""
    upto: int
    """It has to read to here itself: the others have passed by what stands before."""
    next: int
    """Here it reads on."""
    stand: Stand = Stand.LEAVING
    writing: bool = False
    """Whether a change of the row is on its way."""
    reading: bool = False
    moves: bool = False
    """Whether one of its deliveries was concluded since it last left the others."""
    covered: int = 0
    """Deliveries in hand for which only the row stands: not yet concluded for good."""
    held: int = 0
    """Deliveries from the row on that were asked: as many as a crash would bring back."""
    weight: int = 0
    done: int = 0
    """Here the row would stand now, if it had been moved."""
    left: tuple[int, int] = (0, 0)
    """Deliveries, and their bytes, by which the row is behind."""
    passed: list[Opened] = field(default_factory=list)
    """Deliveries that came while the row was on its way."""
    begun: int = field(init=False)
    """Where the row stood at first in this process."""

    def __post_init__(self) -> None:
        self.begun = self.row

    def take(self, opened: Opened) -> None:
        """Count a delivery that is about to be asked."""
        self.next = opened.offset + 1
        self.held += 1
        self.weight += opened.weight
        self.covered += opened.finished

    def knows(self, opened: Opened) -> bool:
        """Tell whether a new delivery is one for which the row stands, or may."""
        return opened.offset >= self.begun

    def meets(self, opened: Opened) -> bool:
        """Tell whether a new delivery is the next one of a connection that has caught up."""
        return self.stand in {Stand.JOINED, Stand.CLEARING} and opened.offset >= self.next

    def pass_by(self, opened: Opened) -> None:
        """Let Kafka have a new delivery for done: it is in hand, or will be read again."""
        if opened.offset >= self.next:
            self.upto = opened.offset + 1
        if self.stand is Stand.LEAVING:
            self.passed.append(opened)
        else:
            opened.finished = True

    def leave(self, line: Line | None) -> None:
        """Be aside from now on: the row is durable, so it stands for all that is open."""
        self.stand = Stand.ASIDE
        for opened in self.passed:
            opened.finished = True
        self.passed.clear()
        for opened in () if line is None else line.open:
            self.covered += not opened.finished
            opened.finished = True

    def concluded(self, opened: Opened) -> None:
        """Note that a delivery is concluded for good; called before it counts as finished for that."""
        if opened.offset < self.row:
            return
        count, weight = self.left
        self.left = (count + 1, weight + opened.weight)
        self.done = opened.offset + 1
        self.covered -= opened.finished
        self.moves = True

    def moved(self, row: int, left: tuple[int, int]) -> None:
        """Note that the row was moved, past so many deliveries."""
        count, weight = left
        self.row = row
        self.held -= count
        self.weight -= weight

    def full(self, limits: Limits) -> bool:
        """Tell whether as much is under way as may be."""
        return limits.reached(self.held, self.weight)

    @property
    def behind(self) -> bool:
        """Tell whether there is something that it must read again."""
        return self.next < self.upto
