"""A person at the wizard's first steps, and FreshBooks' consent page in the same browser."""

import asyncio
from typing import Any

from aiohttp import ClientSession
from yarl import URL

from app.ingress.consents import answered
from app.sandbox.freshbooks import identity
from app.vault.grants import ConsentGrant
from streams.domain.grant import Side
from tests.builders.desk import Office, Seen
from tests.builders.installation import clock
from tests.builders.vault import ACME


async def name_app(office: Office, **other: str) -> Seen:
    """Give the FreshBooks app on the step's page."""
    sandbox = office.installation.sandbox
    await office.browser.post("/connections", {"name": ACME})
    fields = {
        "client_id": sandbox.client_id,
        "client_secret": sandbox.client_secret,
        "redirect_uri": f"{office.installation.url}/oauth/freshbooks/callback",
        "api_url": sandbox.url,
        "auth_url": sandbox.url,
    }
    return await office.browser.post(f"/connections/{ACME}/freshbooks", fields | other)


async def consent(page: Seen) -> URL:
    """Click "Allow" at FreshBooks; the address that it leads to."""
    start = page.text.index('href="', page.text.index("Open FreshBooks, log in")) + 6
    address = page.text[start : page.text.index('"', start)].replace("&amp;", "&")
    async with ClientSession() as session, session.get(address, allow_redirects=False) as answer:
        return URL(answer.headers["Location"], encoded=True)


async def allow(office: Office, page: Seen) -> Seen:
    """Consent, let the ingress keep the code, and look at the step until the code is traded."""
    address, registry = await consent(page), office.installation.registry
    held = registry.grants.held(ConsentGrant, ACME, Side.CONSENT)
    assert held is not None
    sealed = registry.grants.sealer.seal(
        answered(held.grant, address.query), ACME, held.generation + 1, clock()
    )
    await registry.write(sealed)
    return await settled(office, f"/connections/{ACME}/freshbooks")


async def settled(office: Office, path: str) -> Seen:
    """Look at a page until its work is done, as its own script does."""
    async with asyncio.timeout(30):
        while 'aria-busy="true"' in (seen := await office.browser.get(path)).text:  # noqa: ASYNC110 - pages ring no bell
            await asyncio.sleep(0.05)
    return seen


def two_businesses(account: Any, switches: Any) -> Any:
    """users/me of somebody who keeps the books of two."""
    me = identity.users_me(account, switches)
    other = {"business": {"account_id": "0ther1", "name": "Other & <Sons>"}, "role": "accountant"}
    me["response"]["business_memberships"].append(other)
    return me
