"""Whether a process does its work, and its figures: the routes that every role answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

Report = Callable[[], Mapping[str, Any]]
"""What the process says of itself; `ready` tells whether it does its work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what to do when it is not well."""

    name: str
    well: bool
    says: str
    mend: str = ""
    needed: bool = True
    """Whether the process is unready without it. A vendor that is away is shown, and nothing more: a
    restart or another process would change nothing, and webhooks are taken all the same."""


def checked(said: Mapping[str, Any], *checks: Check) -> Mapping[str, Any]:
    """Return a report with its checks: it is ready when all that are needed are well."""
    told = [asdict(each) | {"mend": "" if each.well else each.mend} for each in checks]
    return {**said, "ready": all(each.well for each in checks if each.needed), "checks": told}


def kafka(answers: bool) -> Check:  # noqa: FBT001 - a finding, no switch
    """Return the check of the brokers."""
    mend = "see that the brokers run and are reached from here: FRESHFORCE_KAFKA"
    return Check("kafka", answers, "answers" if answers else "does not answer", mend)


def vitals(
    report: Report, figures: CollectorRegistry, middlewares: Sequence[Any] = (), largest: int = 1024
) -> web.Application:
    """Return a site with /health/live, /health/ready (503 while not ready) and /metrics.

    Live: the process answers; whatever must not stand still is watched from inside and ends the process.
    Ready: partitions are assigned and tables are whole, so that traffic and roll-outs may count on it.
    """

    async def live(_request: web.Request) -> web.Response:
        return web.json_response({"live": True})

    async def ready(_request: web.Request) -> web.Response:
        said = report()
        return web.json_response(said, status=200 if said["ready"] else 503)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=generate_latest(figures), headers={"Content-Type": CONTENT_TYPE_LATEST})

    site = web.Application(middlewares=middlewares, client_max_size=largest)
    site.on_response_prepare.append(_without_banner)
    site.add_routes(
        [web.get("/health/live", live), web.get("/health/ready", ready), web.get("/metrics", metrics)]
    )
    return site


async def _without_banner(_request: web.Request, answer: web.StreamResponse) -> None:
    """Say nothing of what we run on and in which version."""
    answer.headers.pop("Server", None)
