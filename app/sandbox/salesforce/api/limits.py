"""The org's allowance as the API tells it, and the list of API versions."""

from app.sandbox.salesforce.api.exchange import FIRST_VERSION, LAST_VERSION, Answer, Ask
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Json

SEASONS = ("Spring", "Summer", "Winter")
SPRING_26 = 66


def limits(org: Org, _ask: Ask) -> Answer:
    """Say how many calls are left today."""
    calls = {"Max": org.limits.daily, "Remaining": org.limits.remaining()}
    return Answer(body={"DailyApiRequests": calls})


def versions() -> list[Json]:
    """Return the API versions, each with the release it came with."""
    numbers = range(int(FIRST_VERSION), int(LAST_VERSION) + 1)
    return [
        {"label": _label(each), "url": f"/services/data/v{each}.0", "version": f"{each}.0"}
        for each in numbers
    ]


def resources(_org: Org, ask: Ask) -> Answer:
    """Say what can be asked."""
    names = ("sobjects", "query", "queryAll", "composite", "jobs", "limits")
    return Answer(body={name: f"/services/data/{ask.version}/{name}" for name in names})


def _label(version: int) -> str:
    """Name the release: three a year, the winter one bears the year to come."""
    years, place = divmod(version - SPRING_26, 3)
    year = 26 + years + (SEASONS[place] == "Winter")
    return f"{SEASONS[place]} '{year:02d}"
