"""What a dying process leaves behind: nothing of its memory."""

import subprocess
import sys

ASKS = """
import ctypes, resource
from app.process.secrecy import keep_memory_secret
keep_memory_secret()
print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


def test_no_core_is_dumped_and_no_debugger_let_in() -> None:
    told = subprocess.run([sys.executable, "-c", ASKS], capture_output=True, text=True, check=True)

    assert told.stdout.split("\n")[0] == "(0, 0) 0"
