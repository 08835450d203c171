"""Nothing of our memory reaches a disk or another process of the same user: it holds keys and tokens."""

import ctypes
import resource
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4


def keep_memory_secret() -> None:
    """Write no core dump, whatever ends this process; on Linux, let no debugger of our user in either."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
