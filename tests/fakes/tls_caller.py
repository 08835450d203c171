"""A process that calls a web server as both our clients do, with the certificates of its environment.

Run as `python -m tests.fakes.tls_caller URL`, SSL_CERT_FILE naming what to trust; prints what became of
FreshBooks' client, then of Salesforce's. It is a process, since aiohttp reads the certificates at import.
"""

import asyncio
import sys
from collections.abc import Awaitable

from app.freshbooks.door import Door, open_session
from app.salesforce.wire.transport import transport
from app.salesforce.wire.wire import Request
from streams.domain.errors import FreshforceError


async def main(url: str) -> None:
    """Call with both."""
    async with open_session() as session:
        print(await outcome(Door(session, url).call("GET", "/")))  # noqa: T201
    async with transport() as send:
        print(await outcome(send(Request("GET", f"{url}/", {}))))  # noqa: T201


async def outcome(call: Awaitable[object]) -> str:
    """Return "answered", or the code and the words of what went wrong."""
    try:
        await call
    except FreshforceError as error:
        return f"{error.code}: {error}"
    return "answered"


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
