"""`freshforce replay copy`: the same history into another org."""

import asyncio
import os
from collections.abc import Iterator

import click
import orjson

from app.cli.clock import now
from app.cli.progress import following, progress
from app.connect.naming import connection_name
from app.connect.twins import refuse_twin
from app.kafka.client import client_options
from app.registry import open_registry
from app.replay.copy import Copied, Copy, goal_of
from app.settings import load
from streams.domain.audit import Verdict
from streams.domain.grant import Side
from streams.domain.scope import Scope


@click.command()
@click.argument("name")
@click.option("--to", "goal", required=True, help="The connection whose org gets the rows.")
@click.option("--prefix", default="", metavar="TEXT", help="What its external ids begin with.")
@click.option(
    "--only",
    default="",
    metavar="KIND:ID",
    help="Only client:7, or invoice:123 with its payments and its client.",
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

    Where clients share another one's Account (`freshforce match join`) that client is written first, and they
    once running workers have delivered it. Those whose Account does not come are left out and named (also by
    `--only` of one of them, or of an invoice of theirs, while the other was not copied); the exit code is 1
    then: do it again later.

    Example: freshforce connect salesforce acme-sandbox --domain … --client-id … --client-secret-file …;
    freshforce replay copy acme --to acme-sandbox --prefix dev --apply
    """
    done = asyncio.run(_copied(name, goal, prefix, only, apply_it=apply_it))
    if as_json:
        click.echo(orjson.dumps(_plain(done) | {"connection": name, "to": goal, "applied": apply_it}))
    else:
        count = f"{done.records:,} records"
        click.echo(f"{count} written" if apply_it else f"{count} would be written; add --apply")
        for line in _left_out(done, goal):
            click.echo(line)
    raise SystemExit(1 if apply_it and done.left_out else 0)


def _plain(done: Copied) -> dict[str, object]:
    left_out = [{"client": client, "shares": home} for client, home in done.left_out.items()]
    return {"records": done.records, "left_out": left_out}


def _left_out(done: Copied, goal: str) -> Iterator[str]:
    """Yield whose records stay behind, and what to do about it; a line for each Account."""
    for home in sorted({*done.left_out.values()}):
        clients = ", ".join(str(client) for client, its in done.left_out.items() if its == home)
        yield f"left out: client {clients}, for the org of {goal} has no Account of client {home} to share"
        yield f"  do it again once workers have delivered client {home} (it must be copied, too)"


async def _copied(name: str, goal: str, prefix: str, only: str, *, apply_it: bool) -> Copied:
    settings = load()
    options = client_options(settings)
    async with open_registry(settings, now, os.urandom) as registry:
        source, other = registry[connection_name(name)], registry[connection_name(goal)]
        reads_books = registry.grants.sealed(other.name, Side.FRESHBOOKS) is not None
        made = goal_of(source, other, prefix, reads_books=reads_books)
        refuse_twin(registry, made)
        if apply_it and made != other:
            await registry.write(made)
            await registry.note(made, Verdict.CONFIGURED, "a history is copied into it")
    with progress() as bar:
        moving = following(bar, bar.add_task("records", total=None))
        waiting = following(bar, bar.add_task("Accounts that are shared", total=None))
        found = Copy(options, Scope.of(source.name, only), made, moving, waiting)
        return await (found.write() if apply_it else found.count())
