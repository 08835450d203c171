"""Callbacks: what we know of each webhook path before anything arrives at it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.freshbooks.signature import Verifier
from streams.domain.identity import AccountId, ConnectionName


@dataclass(frozen=True, slots=True)
class Retiring:
    """A verifier that was replaced; what it signs counts until `until`."""

    verifier: Verifier
    until: datetime


@dataclass(frozen=True, slots=True)
class Callback:
    """One registered webhook: its opaque path says whose it is and which secrets may sign."""

    path: str
    connection: ConnectionName
    account: AccountId | None
    """The FreshBooks account of the connection; None, when it is not known, fits no event."""
    noun: str
    """What it was registered for, such as "invoice"."""
    callback_id: int | None
    """FreshBooks' number of it; None while the registration has not answered yet."""
    verifiers: tuple[Verifier, ...] = ()
    retiring: tuple[Retiring, ...] = ()

    def valid(self, moment: datetime) -> tuple[Verifier, ...]:
        """Return the verifiers that may sign at `moment`, the present one first."""
        if not self.retiring:
            return self.verifiers
        return (*self.verifiers, *(old.verifier for old in self.retiring if moment < old.until))

    def retired(self, moment: datetime) -> Iterator[Verifier]:
        """Yield the verifiers whose grace is over: what they sign is refused, and the audit names them."""
        return (old.verifier for old in self.retiring if moment >= old.until)


class Directory:
    """The callbacks of all connections, as they are set up now."""

    def __init__(self, callbacks: Iterable[Callback] = (), *, complete: bool = False) -> None:
        self._by_path = {each.path: each for each in callbacks}
        self.complete = complete
        """Whether all callbacks are known: before that, an unknown path may yet turn out to be ours."""

    def get(self, path: str) -> Callback | None:
        """Return the callback that lives at the opaque `path`, or None."""
        return self._by_path.get(path)

    def replace(self, callbacks: Iterable[Callback]) -> None:
        """Know `callbacks` and no others."""
        self._by_path = {each.path: each for each in callbacks}
        self.complete = True
