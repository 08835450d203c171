"""`freshforce poll`: ask FreshBooks once, now, for what changed, and the org for what people made later."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import click
import orjson

from app.cli import Stopped
from app.cli.clock import now
from app.cli.since import DAY, day_of
from app.connect.copied import copy_again, refuse_copied
from app.connect.naming import connection_name
from app.kafka.client import client_options
from app.kafka.failures import KafkaAway
from app.matches import open_matches
from app.poll.findings import Told
from app.poll.looks import ordered, waiting, ways
from app.poll.main import lists, poller
from app.poll.told import recalling
from app.registry import open_registry
from app.settings import load
from streams.domain.errors import FreshforceError

_OVERLAP: Final = timedelta(days=2)
"""A day begins at another moment for FreshBooks; what changed on it was told later."""


@click.command()
@click.argument("name")
@click.option("--since", type=DAY, help="Ask for changes from this day on (default: today).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def poll(name: str, since: datetime | None, *, as_json: bool) -> None:
    """Ask FreshBooks once, now, for what changed, and put it into the log as events.

    Salesforce is asked for Orders that people made for Opportunities of ours, or with PO numbers where the
    mapping matches by those, and that show no amount yet, and for Accounts that came to be like a client that
    waits to be matched. Where it cannot be asked, that is said, and the rest stands; with --json `orders` or
    `matches` is null then.

    For webhooks that were lost. What a poll put into the log in its newest version already is left out; what
    only webhooks told, which name no version, is read again and ends as unchanged, without a call to
    Salesforce. A worker must run to renew tokens and to work off the events.

    Example: freshforce poll acme --since 2026-11-01
    """
    found, orders, matches = asyncio.run(_poll(name, day_of(since)))
    written = found + (orders or 0) + (matches or 0)
    told = {"connection": name, "events": written, "orders": orders, "matches": matches}
    click.echo(orjson.dumps(told) if as_json else f"{written} events written")


async def _poll(name: str, since: datetime | None) -> tuple[int, int | None, int | None]:
    """Return how many events were written of what FreshBooks lists, of Orders, and of clients that wait."""
    settings = load()
    async with AsyncExitStack() as house:
        registry = await house.enter_async_context(open_registry(settings, now, os.urandom))
        books = await lists(house, settings, registry)
        moment = since or now()
        connection = registry[connection_name(name)]
        refuse_copied(connection, copy_again(connection))
        before = recalling(client_options(settings), registry.grants, connection, moment - _OVERLAP)

        async def recall() -> Told:
            """Return what polls since then have put into the log; when to ask from is not theirs to say."""
            return Told((await before()).ids)

        found = await replace(poller(connection, books, registry, moment), recall=recall).run_pass()
        to = await ways(house, settings, registry, books)
        book = await house.enter_async_context(open_matches(client_options(settings), registry.write))
        orders = await _looked(ordered(connection, to, registry, moment, recall).run_pass, "Orders")
        accounts = waiting(connection, to, registry, book)
        return found, orders, await _looked(accounts.run_round, "Accounts of clients that wait")


async def _looked(look: Callable[[], Awaitable[int]], what: str) -> int | None:
    """Return how many of them were told of; None where the org could not be asked: what was polled stands.

    Raises:
        KafkaAway: what was found is not written; poll again.
    """
    try:
        return await look()
    except KafkaAway:
        raise
    except FreshforceError as error:
        click.echo(f"{what} were not looked for: {Stopped(error).message}", err=True)
        return None
