"""The admin listener's site: health and figures for machines, pages for people."""

from collections.abc import Iterable
from typing import Final

from aiohttp import web
from prometheus_client import CollectorRegistry

from app.desk.dashboard import deadletters, letter, overview, trace
from app.desk.desk import DESK, Desk
from app.desk.files import FOLDER
from app.desk.guard import Guard, armour, guarding
from app.desk.matches import client, listed, sure
from app.desk.pages import told
from app.desk.replay import plan, plans
from app.desk.wizard import check, fields, freshbooks, salesforce, start, webhooks
from app.listening import listening
from app.vitals import Report, vitals

LARGEST: Final = 64 * 1024
"""Bytes of a form: ours hold a few lines."""
_PAGES: Final = (
    overview,
    deadletters,
    letter,
    trace,
    listed,
    sure,
    client,
    plans,
    plan,
    start,
    freshbooks,
    salesforce,
    fields,
    webhooks,
    check,
)


def make_site(desk: Desk, guard: Guard, report: Report, figures: CollectorRegistry) -> web.Application:
    """Return the site."""
    site = vitals(report, figures, [guarding(guard), told], LARGEST)
    site[DESK] = desk
    site.on_response_prepare.append(armour)
    site.add_routes(_routes())
    return site


async def serve(site: web.Application, listen: str) -> web.AppRunner:
    """Serve `site` at host:port; `cleanup` of what is returned ends it.

    Raises:
        CannotListen: the address cannot be had.
    """
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    with listening("FRESHFORCE_ADMIN_LISTEN", listen) as (host, port):
        await web.TCPSite(runner, host, port).start()
    return runner


def _routes() -> Iterable[web.AbstractRouteDef]:
    yield web.static("/static", FOLDER)
    for each in _PAGES:
        yield from each.ROUTES
