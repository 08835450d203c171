"""`freshforce replay preview`: what a replay would change, and what that costs."""

import asyncio
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import click
import orjson

from app.cli.actor import whoever
from app.cli.call_budget import call_budget
from app.cli.clock import now
from app.cli.progress import following, progress
from app.cli.replay_shown import lines, plain_row, plain_tally
from app.connect.naming import connection_name
from app.kafka.client import client_options
from app.registry import open_registry
from app.replay.positions import BadPosition, named
from app.replay.preview import Foreseen, Tally
from app.replay.replays import Asked, Replays
from app.replay.told import price, summary
from app.settings import load
from streams.domain.replay import Replay, Source
from streams.loop.rewind import TOPICS

Tell = Callable[[Foreseen], object]


@click.command()
@click.argument("name")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]),
    help="Begin with the first record read at this moment (UTC) or later; default: the first of all.",
)
@click.option(
    "--offsets",
    metavar="P:OFFSET,…|FILE",
    help="Begin there: 0:120,3:55, or a file as kafka-consumer-groups --export writes it; "
    "partitions that are not named are left out.",
)
@click.option(
    "--from",
    "source",
    type=click.Choice([source.value for source in Source]),
    default=Source.RECORDS.value,
    show_default=True,
    help="What is read again: events (FreshBooks is asked again), records, or commands (sent again).",
)
@click.option("--force", is_flag=True, help="Send rows although Salesforce holds their content.")
@click.option(
    "--only", default="", metavar="KIND:ID", help="Only client:7, or invoice:123 with its payments."
)
@click.option("--summary", "short", is_flag=True, help="The numbers only, not each row.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def preview(  # noqa: PLR0913 - one parameter per option
    *,
    name: str,
    since: datetime | None,
    offsets: str | None,
    source: str,
    force: bool,
    only: str,
    short: bool,
    as_json: bool,
) -> None:
    """Show what a replay of NAME would change in Salesforce, and keep it as a plan; nothing else is written.

    Lists each row that would be created or changed, field by field, how many are left alone, the API calls
    (200 rows each) and their share of what is left of the day. It is derived from the record log with today's
    mapping, and with the workers' own state: what a replay leaves alone is left alone here. Workers may run
    meanwhile; what they have not delivered yet shows as a change. Exit code 0 when nothing would be sent, 1
    when something would.

    Example: freshforce replay preview acme --since 2026-10-01 --only invoice:123
    """
    if since and offsets:
        message = "give either --since or --offsets"
        raise click.UsageError(message)
    rows: list[Foreseen] = []
    tell: Tell = _nothing if short else rows.append if as_json else _print
    asked = _Asked(name, only, Source(source), force, since.replace(tzinfo=UTC) if since else None, offsets)
    plan, tally, cost = asyncio.run(_previewed(asked, tell))
    if as_json:
        told = {} if short else {"differences": [plain_row(each) for each in rows]}
        head = {"plan": plan.id, "connection": name}
        click.echo(orjson.dumps({**head, **plain_tally(tally), "budget": cost, **told}))
    else:
        click.echo("\n".join((*summary(tally), price(tally, cost), f"plan {plan.id}")))
    raise SystemExit(1 if tally.rows or tally.counts.failures or tally.counts.objects else 0)


class _Asked(NamedTuple):
    name: str
    only: str
    source: Source
    forced: bool
    since: datetime | None
    offsets: str | None


async def _previewed(asked: _Asked, tell: Tell) -> tuple[Replay, Tally, Mapping[str, Any]]:
    settings = load()
    async with open_registry(settings, now, os.urandom) as registry:
        connection = registry[connection_name(asked.name)]
    begins = None
    if asked.offsets is not None:
        begins = await named(client_options(settings), text_of(asked.offsets), TOPICS[asked.source])
    wanted = Asked(asked.only, asked.source, asked.forced, asked.since, begins)
    with progress(hidden=tell is _print) as bar:
        moving = following(bar, bar.add_task("messages", total=None))
        replays = Replays(client_options(settings), now)
        plan, tally = await replays.preview(connection, wanted, tell, moving, whoever())
    return plan, tally, await call_budget(settings, connection)


def text_of(offsets: str) -> str:
    """Return offsets as they were typed, or as the file of that name holds them.

    Raises:
        BadPosition: they are neither.
    """
    if ":" in offsets and not os.path.exists(offsets):  # noqa: PTH110 - it may be no path at all
        return offsets
    try:
        with click.open_file(offsets) as opened:
            return str(opened.read())
    except (FileNotFoundError, IsADirectoryError):
        message = f"{offsets!r} is neither PARTITION:OFFSET,… nor a file"
        raise BadPosition(message) from None


def _print(found: Foreseen) -> None:
    click.echo("\n".join(lines(found)))


def _nothing(_: Foreseen) -> None:
    """Say nothing: the numbers tell."""
