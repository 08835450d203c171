"""What a poll by hand says of an org that cannot be asked for Orders."""

import pytest

from app.cli.poll import _ordered
from app.poll.findings import Told
from app.poll.ordered import Ordered
from streams.domain.errors import Unreachable
from tests.builders.records import A_CONNECTION
from tests.builders.vault import NOW
from tests.fakes.event_log import EventLog
from tests.unit.poll.test_ordered import FakeOrders


async def nothing() -> Told:
    return Told()


async def test_an_org_that_does_not_answer_takes_nothing_from_what_was_polled(
    capsys: pytest.CaptureFixture[str],
) -> None:
    away = FakeOrders([], Unreachable("Salesforce", "no answer"))

    found = await _ordered(Ordered(lambda: A_CONNECTION, away, EventLog(), lambda: NOW, NOW, nothing))

    assert found == 0
    assert capsys.readouterr().err.startswith("Salesforce was not asked for Orders: ")
