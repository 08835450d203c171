"""`freshforce replay verify`: the determinism proof."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
import orjson

from app.cli.clock import now
from app.cli.progress import following, progress
from app.connect.naming import connection_name
from app.kafka.client import client_options
from app.registry import open_registry
from app.replay.verify import Verification, Verified
from app.settings import load


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(name: str, *, as_json: bool) -> None:
    """Derive the whole history of NAME again and hold it against what was sent; nothing is written.

    Every command that is still kept (30 days), and every row as it was last delivered, must have the content
    that the record log derives at that version. A difference is an alarm: the log was changed, or the code
    derives today what it did not derive then. What an earlier mapping made is counted apart. Workers may run
    meanwhile. Exit code 1 when something differs, with the rows.

    Example, each night: freshforce replay verify acme --json
    """
    found = asyncio.run(_verified(name))
    told = _numbers(found)
    alarms = [asdict(alarm) for each in found for alarm in each.alarms]
    if as_json:
        click.echo(orjson.dumps({"connection": name, **told, "alarms": alarms}))
    else:
        for alarm in alarms:
            click.echo(
                "{row}, version {version}: {where} has {sent}, the log derives {derived}".format_map(
                    alarm | {"derived": alarm["derived"] or "nothing"}
                )
            )
        click.echo(
            "{records:,} records, {rows:,} rows: {commands_same:,} commands and {delivered_same:,} delivered "
            "rows are as derived, {of_other_mappings:,} were made by an earlier mapping".format_map(told)
        )
        click.echo(f"{len(alarms):,} differ" if alarms else "nothing differs")
    raise SystemExit(1 if alarms else 0)


async def _verified(name: str) -> Sequence[Verified]:
    settings = load()
    async with open_registry(settings, now, os.urandom) as registry:
        connection = registry[connection_name(name)]
    with progress() as bar:
        following_it = following(bar, bar.add_task("messages", total=None))
        verification = Verification(client_options(settings), connection, following_it)
        return [each async for each in verification.partitions()]


def _numbers(found: Sequence[Verified]) -> dict[str, Any]:
    return {
        "records": sum(each.history.counts.messages for each in found),
        "rows": sum(each.proof.rows for each in found),
        "commands_same": sum(each.proof.sent for each in found),
        "delivered_same": sum(each.proof.delivered for each in found),
        "of_other_mappings": sum(each.proof.of_other_mappings for each in found),
        "unreadable": sum(each.history.counts.unreadable for each in found),
    }
