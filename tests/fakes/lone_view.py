"""A view process that follows a topic of its own: the product's follower and store, started as a role is.

Run as `python -m tests.fakes.lone_view KAFKA TOPIC DATABASE`.
"""

import asyncio
import sys

from app.view.follow import Follower
from app.view.store import Store


async def main(kafka: str, topic: str, database: str) -> None:
    """Follow until killed."""
    follower = Follower(await Store.open(database), {"bootstrap_servers": kafka}, topic)
    await follower.start()
    await follower.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
