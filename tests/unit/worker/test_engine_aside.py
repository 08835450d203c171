"""When a worker goes on for connections that are aside: not before it is known where its partitions begin."""

from pathlib import Path

from faust.types import TP

from app.worker.engine.application import Group, build
from app.worker.pumps import Pumps
from app.worker.stores import Partitions, Rows
from app.worker.watch import Watch
from streams.domain.audit import Step
from streams.loop.contract import Stage
from streams.loop.limits import Surroundings
from streams.topics import EVENTS, LEDGER
from tests.builders.traffic import Count
from tests.fakes.broker import Broker, BrokerSink

SOURCE = TP(EVENTS.name, 0)


class Noting(Pumps):
    """Notes from where a partition would begin when those aside go on."""

    begins: tuple[int, ...] = ()

    def take_up(self) -> None:
        self.begins = (*self.begins, self.begin_of(*SOURCE))
        super().take_up()


def die(why: BaseException) -> None:
    raise why


async def test_those_aside_go_on_after_the_seek_and_not_when_the_flow_is_resumed_for_the_changelogs(
    tmp_path: Path,
) -> None:
    stage = Stage(Step.TRANSLATE, EVENTS, lambda rows: Count(rows, 1), (LEDGER,))
    table = Partitions(LEDGER, Rows)
    pumps = Noting([stage], {LEDGER: table}, Surroundings(BrokerSink(Broker()), die))
    group = Group("group", {"bootstrap_servers": "127.0.0.1:9092"}, 4, tmp_path)
    app = build(group, pumps, Watch(die, lambda: True, lambda: 0, 10.0), die)
    consumer = app.consumer
    consumer._active_partitions = {SOURCE}

    consumer.resume_flow()  # as Faust does before it reads changelogs
    before = pumps.begins
    consumer.pause_partitions({SOURCE})
    consumer.resume_partitions({SOURCE})
    consumer._committed_offset[SOURCE] = 560  # as the seek does
    consumer.resume_flow()
    consumer._thread.thread_loop.close()  # made with the consumer, though its thread never ran

    assert before == ()
    assert pumps.begins == (560,)
