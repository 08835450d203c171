"""The entry of a role's process: `python -m app.process.role ROLE NAME`, started by the supervisor.

A role is a module with `async def main(settings, name) -> int`: its composition root, which returns the
exit code. What it raises ends the process with the code that tells the supervisor what to do.
"""

import asyncio
import importlib
import importlib.util
import logging
import os
import signal
import sys
import threading
from typing import Final

import structlog
import uvloop

from app import telemetry
from app.process.fail import CLEAN, MISUSE, die
from app.process.parent import die_with_parent
from app.process.secrecy import keep_memory_secret
from app.settings import BadSettings, load
from streams.domain.errors import Misconfigured

ROLES: Final = {
    "ingress": "app.ingress.main",
    "worker": "app.worker.main",
    "poller": "app.poll.main",
    "view": "app.view.main",
    "desk": "app.desk.main",
}

_TLS: Final = "unset it outside of tests: whoever is on the way reads every token"
_log = structlog.get_logger(__name__)


def present() -> tuple[str, ...]:
    """Return the roles that this release has, in the order of their start."""
    return tuple(role for role, module in ROLES.items() if importlib.util.find_spec(module) is not None)


def run(role: str, name: str) -> int:
    """Run a role until it ends; return its exit code.

    Raises:
        Misconfigured: there is no such role, or it cannot work as things are.
    """
    if role not in present():
        message = f"there is no role {role} in this release; there are {', '.join(present())}"
        raise Misconfigured(message, code="no-such-role")
    module = importlib.import_module(ROLES[role])
    settings = load()
    if settings.allow_http_vendors:
        _log.warning("vendors.without_tls", setting="FRESHFORCE_ALLOW_HTTP_VENDORS", mend=_TLS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code: int = runner.run(module.main(settings, name))
        return code


def main() -> None:
    """Run the role that the command line names, and end with its code whatever happens."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(CLEAN))  # until the role has a handler of its own
    keep_memory_secret()
    telemetry.configure()
    logging.getLogger("app.worker.engine").setLevel(
        logging.WARNING
    )  # Faust's chatter under our classes' name
    sys.excepthook = lambda _type, why, _trace: _fail(why)
    threading.excepthook = lambda it: _fail(it.exc_value or RuntimeError("a thread failed"))
    die_with_parent()
    if len(sys.argv) != 3:  # noqa: PLR2004  # the program, the role, its name
        sys.stderr.write(f"usage: python -m app.process.role {{{'|'.join(ROLES)}}} NAME\n")
        sys.exit(MISUSE)
    code = run(*sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # threads of a library must not keep a finished process


def _fail(why: BaseException) -> None:
    if isinstance(why, BadSettings):
        sys.stderr.write(f"{why}\n")
    die(why)


if __name__ == "__main__":
    main()
