"""The admin listener's site. Later issues add pages to the application that this makes."""

from aiohttp import web
from prometheus_client import CollectorRegistry

from app.vitals import Report, vitals


def make_site(report: Report, figures: CollectorRegistry) -> web.Application:
    """Return the site: health and figures."""
    return vitals(report, figures)


async def serve(site: web.Application, listen: str) -> web.AppRunner:
    """Serve `site` at host:port; `cleanup` of what is returned ends it."""
    host, _, port = listen.rpartition(":")
    runner = web.AppRunner(site, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, host, int(port)).start()
    return runner
