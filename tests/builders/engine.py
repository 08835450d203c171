"""A worker's Faust app that is not started, around a stage that counts."""

from pathlib import Path
from typing import Any

from faust.types import TP

from app.worker.engine.application import App, Group, build
from app.worker.pumps import Pumps
from app.worker.stores import Partitions, Rows
from app.worker.watch import Watch
from streams.domain.audit import Step
from streams.loop.contract import Stage
from streams.loop.limits import Surroundings
from streams.topics import EVENTS, LEDGER
from tests.builders.traffic import Count
from tests.fakes.broker import Broker, BrokerSink

SOURCE, OTHER = TP(EVENTS.name, 0), TP(LEDGER.changelog, 0)
"""A partition that the app reads, and one of its table's changelog."""


class Died(Exception):
    """Stands for the end of the process."""


def die(why: BaseException) -> None:
    raise Died from why


def an_app(folder: Path, **kafka: Any) -> App:
    table = Partitions(LEDGER, Rows)
    stage = Stage(Step.TRANSLATE, EVENTS, lambda rows: Count(rows, 1), (LEDGER,))
    pumps = Pumps([stage], {LEDGER: table}, Surroundings(BrokerSink(Broker()), die))
    watch = Watch(die, lambda: True, lambda: 0, 10.0)
    options = {"bootstrap_servers": "127.0.0.1:9092,127.0.0.1:9093", **kafka}
    return build(Group("group", options, 4, folder), pumps, watch, die)
