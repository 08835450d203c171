"""Addresses that we listen at, and what to say when one cannot be had."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from streams.domain.errors import Transient

_EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104 - compared with, not bound to


class CannotListen(Transient):
    """The address is taken, or none of this machine's."""

    code = "cannot-listen"

    def __init__(self, setting: str, listen: str, why: str) -> None:
        super().__init__(f"{setting} is {listen}: {why}")
        self.mend = f"end what listens there, or set {setting} to a free address of this machine"


@contextmanager
def listening(setting: str, listen: str) -> Iterator[tuple[str, int]]:
    """Lend host and port of the host:port that `setting` holds, to listen there.

    Raises:
        CannotListen: the address cannot be had; it may be when we are started again.
    """
    host, _, port = listen.rpartition(":")
    try:
        yield host.strip("[]"), int(port)
    except OSError as error:
        raise CannotListen(setting, listen, error.strerror or type(error).__name__) from None


def reached(listen: str) -> str:
    """Return the URL at which a browser on this machine, or at the end of a tunnel, reaches `listen`."""
    host, _, port = listen.rpartition(":")
    return f"http://{'127.0.0.1' if host.strip('[]') in _EVERYWHERE else host}:{port}"
