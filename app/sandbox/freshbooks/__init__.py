"""A simulated FreshBooks: OAuth, the accounting API, callbacks and signed webhooks, over real HTTP."""

from collections.abc import AsyncIterator
from email.utils import format_datetime

from aiohttp import web

from app.sandbox.freshbooks.backstage import Backstage
from app.sandbox.freshbooks.callback_desk import CallbackDesk
from app.sandbox.freshbooks.consent import Consent
from app.sandbox.freshbooks.control_routes import Control
from app.sandbox.freshbooks.door import middlewares
from app.sandbox.freshbooks.rest import Accounting
from app.sandbox.freshbooks.sandbox import FreshBooks, Profile
from app.sandbox.scenarios.runner import LosesAccounts

MOST_BYTES = 64 * 1024 * 1024

__all__ = ["FreshBooks", "Profile", "application"]


def application(freshbooks: FreshBooks, salesforce: LosesAccounts | None = None) -> web.Application:
    """Return the aiohttp application that serves `freshbooks`; its webhooks are sent while it runs.

    `salesforce` is where scenarios lose Accounts.
    """
    served = web.Application(middlewares=middlewares(freshbooks), client_max_size=MOST_BYTES)
    for desk in (Consent(freshbooks), Accounting(freshbooks), CallbackDesk(freshbooks)):
        served.add_routes(desk.routes())
    served.add_routes(Control(Backstage(freshbooks), salesforce).routes())

    async def sending(_served: web.Application) -> AsyncIterator[None]:
        await freshbooks.mailroom.open()
        yield
        await freshbooks.mailroom.close()

    async def dated(_asked: web.Request, answer: web.StreamResponse) -> None:
        answer.headers["Date"] = format_datetime(freshbooks.clock.now(), usegmt=True)

    served.on_response_prepare.append(dated)
    served.cleanup_ctx.append(sending)
    return served
