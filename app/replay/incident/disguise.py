"""What stands for a value that nobody may see: the same for the same value, different for different ones."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Context, Decimal
from hashlib import blake2b
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Final

_FOREIGN: Final = "äéîøüçñšžłαβγδЖдяק日本語한"
_FACTORS: Final = range(101, 998)
_EXACT: Final = Context(prec=60)
"""An amount has at most 40 digits."""
_TRIES: Final = 64
"""How often another disguise is sought for a text whose first one is taken; of one letter there are few."""


class Numbers:
    """Stands for ids: numbered from 1 in their own order, for what is older or newer decides."""

    def __init__(self, known: Iterable[int]) -> None:
        self._of = {true: at for at, true in enumerate(sorted({*known}), 1)}

    def __getitem__(self, true: int) -> int:
        return self._of[true]

    def get(self, true: int | None) -> int:
        """Return the number that stands for an id; 0 for one that no record names."""
        return self._of.get(true or 0, 0)


@dataclass(slots=True)
class Names:
    """Stands for what is only ever compared: numbered as it comes."""

    kind: str
    _known: dict[Hashable, str] = field(default_factory=dict)

    def __getitem__(self, true: Hashable) -> str:
        return self._known.setdefault(true, f"{self.kind}-{len(self._known) + 1}")


@dataclass(slots=True)
class Texts:
    """Stands for texts, by a secret that nobody keeps: as long, with a letter for a letter."""

    secret: bytes
    _known: dict[str, str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    def __getitem__(self, true: str) -> str:
        found = self._known.get(true)
        if found is None:
            found = self._known[true] = self._free(true)
            self._taken.add(found)
        return found

    def _free(self, true: str) -> str:
        for turn in range(_TRIES):
            found = self._disguised(true, turn)
            if found not in self._taken:
                break
        return found

    def _disguised(self, true: str, turn: int) -> str:
        noise = b"".join(
            blake2b(true.encode(), key=self.secret, salt=bytes([turn, *block])).digest()
            for block in (at.to_bytes(8, "big") for at in range(-(-len(true) // 64)))
        )
        return "".join(map(_alike, true, noise))


@dataclass(frozen=True, slots=True)
class Scale:
    """Stands for amounts: each times one secret number, so that sums and shares stay true, and nought."""

    secret: bytes

    def __call__(self, true: Decimal) -> Decimal:
        """Return what stands for an amount, to the last digit."""
        chosen = int.from_bytes(blake2b(b"factor", key=self.secret).digest()) % len(_FACTORS)
        return _EXACT.multiply(true, Decimal(_FACTORS[chosen]))


def _alike(sign: str, noise: int) -> str:
    """Return another sign of the same kind; what is neither letter nor digit stays."""
    for kind in (ascii_lowercase, ascii_uppercase, digits, _FOREIGN):
        if sign in kind:
            return kind[(kind.index(sign) + 1 + noise % (len(kind) - 1)) % len(kind)]
    if sign.isnumeric():
        return digits[noise % 10]
    return _FOREIGN[noise % len(_FOREIGN)] if sign.isalpha() else sign
