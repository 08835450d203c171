"""Addresses that we listen at, and what to say when one cannot be had."""

from collections.abc import Iterator
from contextlib import contextmanager

from streams.domain.errors import Transient


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
