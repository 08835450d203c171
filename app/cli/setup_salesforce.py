"""`freshforce setup salesforce`: plan, then --apply; or --export for admins who deploy by hand."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click
import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from app.cli.console import LIGHTS, console
from app.cli.one_org import one_org
from app.connect.naming import connection_name
from app.salesforce.setup.access import SET_NAME
from app.salesforce.setup.apply import apply as add_missing
from app.salesforce.setup.apply import steps
from app.salesforce.setup.export import files
from app.salesforce.setup.item import Item, State
from app.salesforce.setup.look import look
from app.salesforce.setup.plan import plan
from app.settings import Settings, load
from streams.domain.connection import Connection
from streams.domain.errors import Transient
from streams.domain.identity import ConnectionName


class Halfway(Transient):
    """Salesforce went away while things were being added."""

    code = "setup-halfway"
    mend = "run it again: what was added stays, and the rest is added"


_FOLDER: Final = click.Path(file_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("name")
@click.option("--apply", "wanted", is_flag=True, help="Add what is missing; without it, only the plan.")
@click.option("--export", "folder", type=_FOLDER, help="Write the same as SFDX source; needs no org.")
@click.option("--lines", is_flag=True, help="With what line items need, before the mapping asks for them.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def salesforce(*, name: str, wanted: bool, folder: Path | None, lines: bool, as_json: bool) -> None:
    """Make the Salesforce org of NAME ready for us: our custom fields, and access to all that we write.

    Shows what is there, what is missing, what differs and what the run-as user may not do. With --apply the
    missing is added: custom fields by the Tooling API, the permission set "FreshBooks Connector" with object
    and field permissions, assigned to the run-as user. Nothing that exists is changed but that permission
    set: each difference is told with its mend. Safe to repeat. Where the mapping asks for line items
    ([opportunity.lines]) their fields and permissions are among it; --lines has them there beforehand.

    Example: freshforce setup salesforce acme --apply

    Exit code 1 when something is missing (plan) or could not be done.
    """
    if wanted and folder is not None:
        message = "--apply writes to the org, --export to a folder: choose one"
        raise click.UsageError(message)
    connection = connection_name(name)
    if folder is not None:
        _export(folder, lines=lines, as_json=as_json)
        return
    items = asyncio.run(_set_up(load(), connection, wanted=wanted, lines=lines))
    _show(items, name, wanted=wanted, as_json=as_json)
    raise SystemExit(0 if all(item.well for item in items) else 1)


async def _set_up(settings: Settings, name: ConnectionName, *, wanted: bool, lines: bool) -> list[Item]:
    async with one_org(settings, name) as (_, client):
        with _progress() as bar:
            task = bar.add_task("looking at the org", total=None)
            found = await look(client, lines=lines)
            if not wanted:
                return plan(found, name)

            def tell(doing: str) -> None:
                bar.update(task, description=f"adding {doing}", advance=1)

            bar.update(task, total=steps(found))

            try:
                return await add_missing(client, found, tell)
            except Transient as away:
                raise Halfway(str(away)) from None


def _progress() -> Progress:
    columns = SpinnerColumn(), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _show(items: Sequence[Item], name: str, *, wanted: bool, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps({"connection": name, "applied": wanted, "items": [asdict(i) for i in items]}))
        return
    console().print(table(items))
    click.echo(_summary(items, name, wanted=wanted))


def table(items: Sequence[Item]) -> Table:
    """Return each item as a row; its light is a mark of its own."""
    shown = Table("", "what", "state", "says", "mend")
    for item in items:
        its = escape(item.what), item.state.value, escape(item.says), escape(item.mend)
        shown.add_row(LIGHTS[item.well], *its)
    return shown


def _summary(items: Sequence[Item], name: str, *, wanted: bool) -> str:
    left = [item for item in items if not item.well]
    if not left:
        added = sum(item.state is State.ADDED for item in items)
        return f"{name} is ready" + (f"; {added} added" if added else "") + f"; next: freshforce ping {name}"
    if wanted:
        return f"{len(left)} left to do: see the mends, then run it again"
    if any(item.state is State.MISSING for item in left):
        again = f"freshforce setup salesforce {name} --apply"
        return f"only a plan, nothing was written; add what is missing: {again}"
    return "only a plan, nothing was written; what is left is for an admin: see the mends"


def _export(folder: Path, *, lines: bool, as_json: bool) -> None:
    made = files(Connection(name=ConnectionName("export")).salesforce_api_version, lines=lines)
    kept = _write(folder, made)
    if as_json:
        click.echo(orjson.dumps({"folder": str(folder), "files": sorted(made), "kept": kept}))
        return
    click.echo(f"{len(made) - len(kept)} files written to {folder}")
    for path in kept:
        click.echo(f"{path} was there and stays as it is")
    click.echo("deploy: sf project deploy start --source-dir force-app")
    click.echo("an org without Orders refuses it whole: first take out objects/Order and what names Order")
    click.echo(f"assign: sf org assign permset --name {SET_NAME} --on-behalf-of RUN_AS_USERNAME")


def _write(folder: Path, made: Mapping[str, str]) -> list[str]:
    """Write the files; a project file of somebody else's stays. Return what stayed."""
    project = folder / "sfdx-project.json"
    kept = [project.name] if project.exists() and project.read_text("utf-8") != made[project.name] else []
    for path, text in made.items():
        if path not in kept:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    return kept
