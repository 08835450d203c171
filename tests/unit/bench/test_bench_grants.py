"""What the grants' benchmark wants: enough kills, and enough of them where it hurts."""

from app.bench.grants import Size, report
from app.bench.grants_kills import Kills
from app.bench.grants_storm import Storm

SIZE = Size(simulated=100, real=40)


def met(midway: int) -> bool:
    simulated, real = Storm(schedules=1, kills=100, consents=0, wrong=()), Kills(kills=40, midway=midway)
    return report(1, SIZE, simulated, real, (1.0, 1.0)).met


def test_kills_that_strike_between_renewals_alone_prove_nothing() -> None:
    assert met(midway=10)
    assert not met(midway=9)
