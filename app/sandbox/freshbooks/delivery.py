"""A webhook to be sent, and the chances that befall it."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from app.sandbox.freshbooks.callbacks import Callback
from app.sandbox.freshbooks.knobs import FieldOrder, Knobs
from app.sandbox.freshbooks.signing import signature

DOCUMENTED = ("name", "object_id", "account_id", "business_id", "identity_id", "user_id")
SUCCESS = range(200, 300)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(slots=True)
class Delivery:
    """One webhook: what was sent where, and how it was answered each time (0: not at all)."""

    callback: int
    uri: str
    event: str
    object_id: int
    body: str
    signed: str
    answers: list[int] = field(default_factory=list)
    dropped: bool = False
    forged: bool = False

    @property
    def accepted(self) -> bool:
        """Tell whether the receiver took it upon itself: any 2xx."""
        return any(answer in SUCCESS for answer in self.answers)


class Draw:
    """Draws what becomes of each event, in the order of events: the same seed, the same fate."""

    def __init__(self, knobs: Knobs, seed: int) -> None:
        self._knobs = knobs
        self._chance = random.Random(f"mail {seed}")  # noqa: S311 - a rehearsal's chance

    def deliveries(
        self, callback: Callback, event: str, object_id: int, fields: dict[str, str]
    ) -> Iterator[tuple[Delivery, float]]:
        """Yield the delivery and how long it waits, and its repeat if chance wants one."""
        copies = 2 if self._falls(self._knobs.duplicate) else 1
        dropped = self._falls(self._knobs.drop)
        forged = self._falls(self._knobs.wrong_signature)
        key = callback.verifier[::-1] if forged else callback.verifier
        ordered = self._ordered(fields)
        body, signed = urlencode(ordered), signature(ordered, key)
        for _ in range(copies):
            delivery = Delivery(callback.id, callback.uri, event, object_id, body, signed)
            delivery.dropped, delivery.forged = dropped, forged
            yield delivery, self._wait()

    def _wait(self) -> float:
        wait = self._chance.uniform(
            self._knobs.delay_least, max(self._knobs.delay_least, self._knobs.delay_most)
        )
        if self._falls(self._knobs.reorder):
            wait += self._chance.uniform(0, self._knobs.reorder_seconds)
        return wait

    def _ordered(self, fields: dict[str, str]) -> dict[str, str]:
        names = list(fields)
        match self._knobs.field_order:
            case FieldOrder.RECORDED:
                return fields
            case FieldOrder.DOCUMENTED:
                names.sort(key=DOCUMENTED.index)
            case FieldOrder.SHUFFLED:
                self._chance.shuffle(names)
        return {name: fields[name] for name in names}

    def _falls(self, chance: float) -> bool:
        return chance > 0 and self._chance.random() < chance


def handshake(callback: Callback, fields: dict[str, str], *, signed: bool) -> Delivery:
    """Return the POST that carries a callback's verifier."""
    mark = signature(fields, callback.verifier) if signed else ""
    return Delivery(callback.id, callback.uri, fields["name"], callback.id, urlencode(fields), mark)


def verifiers(seed: int) -> Callable[[], str]:
    """Return a source of verifiers: 31 to 34 letters and digits, the same for the same seed."""
    chance = random.Random(f"verifiers {seed}")  # noqa: S311 - a rehearsal's chance
    return lambda: "".join(chance.choices(LETTERS, k=chance.randint(31, 34)))
