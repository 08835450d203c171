"""What a poll by hand says of an org that cannot be asked for Orders."""

from collections.abc import Sequence

import pytest

from app.cli.poll import _looked
from app.kafka.failures import KafkaAway
from app.poll.findings import Told
from app.poll.ordered import Ordered
from app.vault.keys import BadKeys
from streams.domain.errors import Unreachable
from streams.domain.event import Event
from tests.builders.records import A_CONNECTION
from tests.builders.vault import NOW
from tests.fakes.event_log import EventLog
from tests.unit.poll.test_ordered import AN_ORDER, FakeOrders


async def nothing() -> Told:
    return Told()


async def test_an_org_that_does_not_answer_takes_nothing_from_what_was_polled(
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = FakeOrders([], Unreachable("Salesforce", "no answer"))

    found = await _looked(
        Ordered(lambda: A_CONNECTION, away, EventLog(), lambda: NOW, NOW, nothing).run_pass, "Orders"
    )

    assert found is None
    assert capsys.readouterr().err == (
        "Orders were not looked for: unreachable: Salesforce gave no usable answer: no answer\n"
        "  mend: try again later\n"
    )


async def test_why_an_org_could_not_be_asked_is_said_with_its_mend(
    capsys: pytest.CaptureFixture[str],
) -> None:
    closed = FakeOrders([], BadKeys("the key 0a1b2c3d is missing", "put it back into the key file"))

    look = Ordered(lambda: A_CONNECTION, closed, EventLog(), lambda: NOW, NOW, nothing)

    await _looked(look.run_pass, "Orders")

    assert capsys.readouterr().err.endswith("is missing\n  mend: put it back into the key file\n")


async def test_orders_that_were_found_and_could_not_be_written_are_no_fault_of_the_org() -> None:
    silent = KafkaAway("no broker")

    async def away(_: Sequence[Event]) -> None:
        raise silent

    look = Ordered(lambda: A_CONNECTION, FakeOrders([[AN_ORDER]]), away, lambda: NOW, NOW, nothing)

    with pytest.raises(KafkaAway):
        await _looked(look.run_pass, "Orders")
