"""Connecting the two systems as a user does: keys, consent, credentials, webhooks; by the commands alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from urllib.parse import urlencode

import orjson
from aiohttp import ClientSession
from yarl import URL

from app.demo.processes import Shop

NAME: Final = "demo"
READS_PER_SECOND: Final = 400
"""The sandbox has no limit to be polite to; the default of 5 would make the demo wait."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor of the sandbox: where it listens, and as whom to connect."""

    url: str
    client_id: str
    client_secret: str
    account_id: str = ""

    @classmethod
    def read(cls, said: str, name: str) -> Self:
        """Return the vendor `name` of what `freshforce sandbox run --json` printed."""
        return cls(**orjson.loads(said)[name])


async def join(shop: Shop, freshbooks: Vendor, salesforce: Vendor, public_url: str) -> None:
    """Connect both vendors under the name "demo"; the worker needs to run only for the webhooks."""
    await connect_freshbooks(shop, freshbooks, f"{public_url}/oauth/freshbooks/callback")
    await connect_salesforce(shop, salesforce)
    await shop.command("connections", "set", NAME, f"freshbooks_reads_per_second={READS_PER_SECOND}")


async def connect_freshbooks(shop: Shop, vendor: Vendor, redirect: str, name: str = NAME) -> None:
    """Consent on FreshBooks' page and hand the code over."""
    await shop.command(
        *("connect", "freshbooks", name, "--client-id", vendor.client_id),
        *("--client-secret-file", secret_file(shop.home, "freshbooks", vendor)),
        *("--redirect-uri", redirect, "--code", await consent(vendor, redirect)),
        *("--api-url", vendor.url, "--auth-url", vendor.url),
    )


async def connect_salesforce(shop: Shop, vendor: Vendor) -> None:
    """Hand Salesforce's client credentials over."""
    await shop.command(
        *("connect", "salesforce", NAME, "--domain", vendor.url, "--client-id", vendor.client_id),
        *("--client-secret-file", secret_file(shop.home, "salesforce", vendor)),
    )


def secret_file(home: Path, name: str, vendor: Vendor) -> str:
    """Write a client secret where only we can read it: it never stands on a command line."""
    path = home / f"{name}.secret"
    path.touch(mode=0o600)
    path.write_text(vendor.client_secret)
    return str(path)


async def consent(vendor: Vendor, redirect: str) -> str:
    """Click "Allow" on FreshBooks' consent page; return the code in the address it leads to."""
    asked = {"client_id": vendor.client_id, "response_type": "code", "redirect_uri": redirect}
    url = f"{vendor.url}/oauth/authorize?{urlencode(asked)}"
    async with ClientSession() as browser, browser.get(url, allow_redirects=False) as page:
        return URL(page.headers["Location"]).query["code"]
