"""The ingress' composition root: settings in, one public listener out."""

import asyncio
import os
import resource
import signal
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from prometheus_client import CollectorRegistry

from app.ingress.callbacks import Directory
from app.ingress.clocks import Clocks
from app.ingress.consents import Consents
from app.ingress.conversation import Door, Manners
from app.ingress.granted import follow
from app.ingress.intake import TOPICS, Intake
from app.ingress.producer import LiveProducer, Producer
from app.ingress.reception import Reception
from app.ingress.tally import Exported, Tally
from app.kafka.client import client_options
from app.kafka.compacted import CompactedView
from app.kafka.producer import close, make_producer
from app.kafka.pulse import Pulse
from app.listening import listening
from app.process import health
from app.process.chores import until_told
from app.process.fail import CLEAN, die
from app.process.garbage import look_seldom
from app.settings import Settings
from app.vault.access import Grants
from app.vault.keys import load
from app.vault.seal import Sealer
from app.vitals import Check, checked, kafka
from streams.codec import decode
from streams.domain.connection import Connection
from streams.domain.grant import Sealed
from streams.domain.succession import Succession
from streams.topics import CONNECTIONS, GRANTS

REQUEST_TIMEOUT: Final = 3_000
"""Milliseconds until an unanswered request to Kafka is sent again, on a new connection: it bounds how
late we notice that Kafka is back."""
DRAIN: Final = 8.0
"""Seconds for what was taken to reach Kafka when we are told to stop."""
LET_GO: Final = 2.0
"""Seconds for a producer to end in order."""
BACKLOG: Final = 1_024
SUM_UP: Final = 60.0


async def main(settings: Settings, name: str) -> int:
    """Receive until told to stop; return the exit code.

    Raises:
        Misconfigured: topics or a key are missing; no restart will mend it.
        NoKafka: the embedded Kafka does not run; it may when we are started again.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    connections = _more_files()
    sealer = Sealer(load(settings.key_file, settings.keys.get_secret_value(), die), os.urandom)
    options = client_options(settings)
    tally, directory, pulse = Tally(), Directory(), Pulse()
    producer = LiveProducer(partial(_producer, options), partial(close, patience=LET_GO), TOPICS, tally)
    intake = Intake(producer, settings.partitions)
    clocks = Clocks(_now, time.monotonic)
    consents = Consents(intake, clocks)
    reception = Reception(directory, intake, sealer, clocks, tally, consents=consents)
    async with AsyncExitStack() as house:
        intake.start()
        house.push_async_callback(intake.stop)
        door = Door(reception, tally, Manners(connections=connections))
        await _open(house, door, intake, settings)
        report = partial(_report, directory, intake, pulse)
        runner = await health.serve(name, settings.home, report, _figures(tally, intake))
        house.push_async_callback(runner.cleanup)
        look_seldom()
        house.callback(reception.say_unsaid)
        chores = (_follow(directory, consents, pulse, options, sealer), _sum_up(reception))
        await until_told(stop, *map(asyncio.create_task, chores))
    return CLEAN


async def _open(house: AsyncExitStack, door: Door, intake: Intake, settings: Settings) -> None:
    with listening("FRESHFORCE_LISTEN", settings.listen) as (host, port):
        server = await asyncio.get_running_loop().create_server(door, host, port, backlog=BACKLOG)

    async def close() -> None:
        """Take nothing new, finish what was taken, then close."""
        server.close()
        door.pre_shutdown()
        await intake.drain(DRAIN)
        await door.shutdown(1.0)

    house.push_async_callback(close)


async def _follow(
    directory: Directory, consents: Consents, pulse: Pulse, options: Mapping[str, Any], sealer: Sealer
) -> None:
    connections = CompactedView(CONNECTIONS.name, options, partial(decode, Connection))
    grants = CompactedView(GRANTS.name, options, partial(decode, Sealed), Succession().counts)
    async with AsyncExitStack() as house:
        for view in (connections, grants):
            await view.start()
            house.push_async_callback(view.stop)
        opened = Grants(grants, sealer)
        opened.refuse_closed()
        consents.grants = opened
        await asyncio.gather(follow(directory, connections, opened), pulse.feel(grants))


async def _sum_up(reception: Reception) -> None:
    while True:
        await asyncio.sleep(SUM_UP)
        reception.say_unsaid()


def _producer(options: Mapping[str, Any]) -> Producer:
    producer: Producer = make_producer(options, request_timeout_ms=REQUEST_TIMEOUT)
    return producer


def _figures(tally: Tally, intake: Intake) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(Exported(tally, lambda: intake.waiting))
    return registry


def _report(directory: Directory, intake: Intake, pulse: Pulse) -> Mapping[str, Any]:
    answers, known = intake.open and pulse.beats, directory.complete
    says = "all known" if known else "not all read yet"
    return checked(
        {"kafka": answers, "callbacks": known, "waiting": intake.waiting},
        kafka(answers),
        Check("callbacks", known, says, "it reads them from Kafka at its start: wait, or look at its log"),
    )


def _more_files() -> int:
    """Raise the limit of open files as far as we may; return how many connections that allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    wanted = Manners().connections
    return min(wanted, max(16, most - 256)) if most > 0 else wanted


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  # the ingress' one look at the calendar
