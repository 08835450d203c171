"""`freshforce run`: all roles of an installation, or some, kept running."""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final, NoReturn

import click

from app.kafka.client import client_options
from app.kafka.embedded import single
from app.kafka.embedded.keeping import keep
from app.kafka.inventory import administering, await_coordinator
from app.kafka.topics import create
from app.process.health import awaited, missed
from app.process.role import ROLES, present
from app.process.supervisor import Child, Supervisor, child
from app.settings import Settings, load
from streams.topics import APP

_TOLD: Final = (signal.SIGTERM, signal.SIGINT)
"""How we are told to end."""


def _roles(_ctx: click.Context, _param: click.Parameter, text: str | None) -> tuple[str, ...]:
    """Accept a comma-separated choice of roles; by default all that this release has."""
    if text is None:
        return present()
    chosen = tuple(filter(None, (role.strip() for role in text.split(","))))
    if not chosen:
        message = f"name at least one of {', '.join(ROLES)}"
        raise click.BadParameter(message)
    for role in chosen:
        if role not in ROLES:
            message = f"there is no role {role!r}; the roles are {', '.join(ROLES)}"
            raise click.BadParameter(message)
        if role not in present():
            message = f"the role {role!r} is not part of this release"
            raise click.BadParameter(message)
    return chosen


@click.command()
@click.option("--roles", callback=_roles, metavar="ROLE,…", help=f"Only these of {', '.join(ROLES)}.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Worker processes; Kafka shares the partitions out among them.",
)
def run(roles: tuple[str, ...], workers: int) -> None:
    """Run the roles: ingress, worker, poller, view, desk; each in a process of its own.

    A role that fails is started again, at first at once, then with growing pauses. One that ends because
    something is set up wrong (exit codes 2, 78) or because it could not handle too many messages (65) stays
    down, and says why. Without FRESHFORCE_KAFKA the embedded Kafka is started first, started again when it is
    gone, and stopped last.

    Ctrl-C or SIGTERM stops in order: what is under way is finished within ten seconds.

    Example: freshforce run --roles worker --workers 2
    """
    settings = load()
    _heed(_leave)
    kept = children(roles, workers)
    with _kafka(settings):
        asyncio.run(_topics(settings))
        with awaited([each.name for each in kept], settings.home):
            raise SystemExit(asyncio.run(_supervise(settings, kept)))


def children(roles: Sequence[str], workers: int) -> list[Child]:
    """Return the processes to keep; several workers are numbered."""
    return [
        child(role, f"worker-{number}" if role == "worker" and workers > 1 else role)
        for role in roles
        for number in range(1, (workers if role == "worker" else 1) + 1)
    ]


@contextmanager
def _kafka(settings: Settings) -> Iterator[None]:
    """Have Kafka for as long as we run; one that ran before stays."""
    home = settings.home / "kafka"
    ours = settings.embedded and single.running(home) is None
    try:
        if settings.embedded:
            single.start(home)
        yield
    finally:
        _hear_no_more()
        if ours:
            single.stop(home)


def _heed(answer: Callable[[int], object]) -> None:
    """Answer SIGTERM and Ctrl-C so from now on; what a loop answers ends with the loop."""
    for number in _TOLD:
        signal.signal(number, lambda number, _frame: answer(number))


def _hear_no_more() -> None:
    """Let nobody end us before Kafka is stopped, which takes seconds.

    Of a parent that is killed the kernel tells us once for each of its threads; people press Ctrl-C twice.
    """
    for number in _TOLD:
        signal.signal(number, signal.SIG_IGN)


def _leave(number: int) -> NoReturn:
    """Leave in order although the roles do not run yet: Kafka may have been started."""
    _hear_no_more()
    raise SystemExit(128 + number)


async def _topics(settings: Settings) -> None:
    async with administering(client_options(settings)) as admin:
        await asyncio.gather(create(admin, settings), await_coordinator(admin, APP))


async def _supervise(settings: Settings, kept: Sequence[Child]) -> int:
    supervisor = Supervisor(kept, missed=partial(missed, home=settings.home))
    loop = asyncio.get_running_loop()

    def stop(_number: int) -> None:
        with suppress(RuntimeError):  # the loop is closed: all roles have ended
            loop.call_soon_threadsafe(supervisor.stop)

    _heed(stop)
    keeping = asyncio.create_task(keep(settings.home / "kafka")) if settings.embedded else None
    try:
        return await supervisor.run()
    finally:
        if keeping is not None:
            keeping.cancel()
