"""`freshforce poll`: ask FreshBooks once, now, for what changed."""

import asyncio
import os
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import click
import orjson

from app.cli.clock import now
from app.connect.naming import connection_name
from app.poll.main import lists, poller
from app.registry import open_registry
from app.settings import load


@click.command()
@click.argument("name")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="Ask for changes from this day on (default: today)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def poll(name: str, since: datetime | None, *, as_json: bool) -> None:
    """Ask FreshBooks once, now, for what changed, and put it into the log as events.

    For webhooks that were lost: what the log already shows in its newest state is read again and ends as
    unchanged, without a call to Salesforce. A worker must run to renew tokens and to work off the events.

    Example: freshforce poll acme --since 2026-11-01
    """
    found = asyncio.run(_poll(name, since))
    click.echo(orjson.dumps({"connection": name, "events": found}) if as_json else f"{found} events written")


async def _poll(name: str, since: datetime | None) -> int:
    settings = load()
    async with AsyncExitStack() as house:
        registry = await house.enter_async_context(open_registry(settings, now, os.urandom))
        books = await lists(house, settings, registry)
        moment = now() if since is None else since.replace(tzinfo=UTC)
        return await poller(registry[connection_name(name)], books, registry, moment).run_pass()
