"""How a process ends: the code that tells the supervisor what to do, and a line without a payload."""

import subprocess
import sys

import pytest

from app.kafka.failures import OffsetOutOfRange, TopicsDisagree
from app.process.fail import exit_code
from streams.domain.errors import Undecodable
from streams.loop.burial import TooManyBurials


@pytest.mark.parametrize(
    ("why", "code"),
    [
        (TooManyBurials("too many"), 65),
        (OffsetOutOfRange("100 of 200 to 300"), 78),
        (TopicsDisagree("3 partitions, not 4"), 78),
        (Undecodable("a damaged changelog"), 70),
        (ConnectionResetError(), 70),
    ],
)
def test_the_code_tells_whether_to_start_again(why: BaseException, code: int) -> None:
    assert exit_code(why) == code


@pytest.mark.parametrize(
    ("error", "told"), [("ConnectionError('broker 3')", True), ("KeyError('jane@example.com')", False)]
)
def test_the_last_line_says_what_failed_but_never_a_payload(error: str, told: bool) -> None:  # noqa: FBT001
    program = f"from app.process.fail import die\ntry:\n raise {error}\nexcept Exception as why:\n die(why)"

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    said = ended.stdout + ended.stderr
    assert ended.returncode == 70
    assert error.partition("(")[0] in said
    assert ("broker 3" in said) is told
    assert "jane" not in said
