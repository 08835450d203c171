"""`freshforce replay copy`: the same history into another org."""

import asyncio
import os

import click
import orjson

from app.cli.clock import now
from app.cli.progress import following, progress
from app.connect.naming import connection_name
from app.connect.twins import refuse_twin
from app.kafka.client import client_options
from app.registry import open_registry
from app.replay.copy import Copy, goal_of
from app.settings import load
from streams.domain.audit import Verdict
from streams.domain.grant import Side
from streams.domain.scope import Scope


@click.command()
@click.argument("name")
@click.option("--to", "goal", required=True, help="The connection whose org gets the rows.")
@click.option("--prefix", default="", metavar="TEXT", help="What its external ids begin with.")
@click.option(
    "--only", default="", metavar="KIND:ID", help="Only client:7, or invoice:123 with its payments."
)
@click.option("--apply", "apply_it", is_flag=True, help="Really write; without, only count.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def copy(  # noqa: PLR0913 - one parameter per argument and option
    *, name: str, goal: str, prefix: str, only: str, apply_it: bool, as_json: bool
) -> None:
    """Replay the history of NAME into the org of another connection, under another prefix. Dry until --apply.

    The records of NAME are written once more as the other connection's, and its own mapping derives its rows
    from them; NAME and its rows stay as they are. The other connection must be joined to Salesforce and read
    no books of its own. Doing it again adds what is new; rows that did not change cost no call.

    Example: freshforce connect salesforce acme-sandbox --domain … --client-id … --client-secret-file …;
    freshforce replay copy acme --to acme-sandbox --prefix dev --apply
    """
    count = asyncio.run(_copied(name, goal, prefix, only, apply_it=apply_it))
    if as_json:
        click.echo(orjson.dumps({"connection": name, "to": goal, "records": count, "applied": apply_it}))
    else:
        click.echo(
            f"{count:,} records written" if apply_it else f"{count:,} records would be written; add --apply"
        )


async def _copied(name: str, goal: str, prefix: str, only: str, *, apply_it: bool) -> int:
    settings = load()
    options = client_options(settings)
    async with open_registry(settings, now, os.urandom) as registry:
        source, other = registry[connection_name(name)], registry[connection_name(goal)]
        reads_books = registry.grants.sealed(other.name, Side.FRESHBOOKS) is not None
        made = goal_of(source, other, prefix, reads_books=reads_books)
        refuse_twin(registry, made)
        if apply_it and made != other:
            await registry.write(made)
            await registry.note(made, Verdict.CONFIGURED, "prefix set for a replay")
    with progress() as bar:
        moving = following(bar, bar.add_task("records", total=None))
        found = Copy(options, Scope.of(source.name, only), made.name, moving)
        return await (found.write() if apply_it else found.count())
