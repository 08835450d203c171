"""What the event log tells of a name that was removed and taken anew, on real Kafka."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

from app.kafka.producer import produce, producing
from app.poll.findings import Told
from app.poll.ordered import Ordered
from app.poll.told import recalling, told
from app.vault.access import Grants
from streams.domain.identity import ConnectionName, ObjectKind
from tests.builders.events import an_event
from tests.builders.records import A_CONNECTION
from tests.builders.terminal import Terminal
from tests.builders.vault import a_freshbooks_grant, a_sealer
from tests.fakes.event_log import EventLog
from tests.fakes.grants_view import GrantsView
from tests.unit.poll.test_ordered import AN_ORDER, FakeOrders

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def test_in_its_second_life_a_name_knows_which_orders_it_told_and_nothing_of_the_lists(
    kafka: str, tmp_path: Path
) -> None:
    await Terminal.opened(tmp_path, kafka)
    name = ConnectionName(f"anew-{token_hex(4)}")
    connection = A_CONNECTION.model_copy(update={"name": name, "life": 2})
    options, log = {"bootstrap_servers": kafka}, EventLog()

    async def recall() -> Told:
        return await told(options, connection, lambda _, __: None)

    def look() -> Ordered:
        orders = FakeOrders([[AN_ORDER]])
        return Ordered(lambda: connection, orders, log, lambda: NOON, NOON - timedelta(days=30), recall)

    await look().run_pass()
    seen = an_event(ObjectKind.INVOICE, 31, action="seen", connection=name)
    async with producing(options) as producer:
        await produce(producer, [*log.events, seen])

    known = await recall()
    assert (known.ids, known.first) == ({log.events[0].id}, None)
    assert await look().run_pass() == 0


async def test_in_its_second_life_a_name_knows_what_was_told_since_that_life_began(
    kafka: str, tmp_path: Path
) -> None:
    await Terminal.opened(tmp_path, kafka)
    name = ConnectionName(f"anew-{token_hex(4)}")
    connection = A_CONNECTION.model_copy(update={"name": name, "life": 2})
    former, ours = (
        an_event(ObjectKind.INVOICE, number, action="seen", connection=name).model_copy(
            update={"received_at": NOON + timedelta(minutes=minutes)}
        )
        for number, minutes in ((31, -1), (32, 1))
    )
    options = {"bootstrap_servers": kafka}
    async with producing(options) as producer:
        await produce(producer, [former, ours])

    view = GrantsView()
    view.put(a_sealer().seal(a_freshbooks_grant(given_at=NOON), name, 1, NOON))
    grants = Grants(view, a_sealer(), view.write)
    known = await recalling(options, grants, connection, NOON - timedelta(days=1))()

    assert (known.ids, known.first) == ({ours.id}, ours.received_at)
