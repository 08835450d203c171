"""A full disk for one running process: its files may not grow beyond a size (RLIMIT_FSIZE).

To the process it is a write that fails, EFBIG in place of ENOSPC; it needs no rights, and ends when we say.
"""

import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def full_disk(pid: int, size: int) -> Iterator[None]:
    """Let no file of `pid` grow beyond `size` bytes for a while."""
    before = _limit(pid, (size, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            _limit(pid, before)


def _limit(pid: int, limits: tuple[int, int]) -> tuple[int, int]:
    return resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
