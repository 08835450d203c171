"""The admin listener's site. Later issues add pages to the application that this makes."""

from aiohttp import web
from prometheus_client import CollectorRegistry

from app.listening import listening
from app.vitals import Report, vitals


def make_site(report: Report, figures: CollectorRegistry) -> web.Application:
    """Return the site: health and figures."""
    return vitals(report, figures)


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
