"""`freshforce replay apply`, `pause`, `resume`, `stop`, `list`: carry a plan out."""

import asyncio
import os
from collections.abc import Sequence
from time import monotonic
from typing import Any, Final

import click
import orjson
from rich.table import Table

from app.cli.actor import whoever
from app.cli.clock import now
from app.cli.console import console
from app.cli.progress import following, progress
from app.cli.standstill import Standstill
from app.kafka.client import client_options
from app.registry import open_registry
from app.replay.reach import Reach
from app.replay.replays import PATIENCE as PATIENT
from app.replay.replays import Replays
from app.replay.told import acts, how_far, last_by, writes
from app.settings import load
from streams.domain.replay import Replay, ReplayState

JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
PATIENCE: Final = click.option(
    "--patience",
    type=click.FloatRange(1, 600),
    default=PATIENT,
    show_default=True,
    help="Seconds that the workers get to step aside.",
)


@click.command()
@click.argument("plan")
@click.option("--apply", "apply_it", is_flag=True, help="Really do it; without, only say what would be done.")
@PATIENCE
@JSON
def apply(plan: str, patience: float, *, apply_it: bool, as_json: bool) -> None:
    """Do the replay PLAN, as its preview said, and follow it to its end. Dry until --apply.

    The workers are asked to step aside, since Kafka moves no offsets of a group that is live; once the group
    is empty its offsets are set back, the workers return and read again, passing by what the plan is not
    about. Refused when new messages of the plan's own came since the preview, or the mapping changed. Ctrl-C
    leaves a running replay running; the same command follows it again. While no worker moves, a line on
    stderr says so, after half a minute and every ten minutes.

    Exit code 0 when all is done, 1 when it is dry, refused, paused or stopped meanwhile.

    Example: freshforce replay apply 3f29c6d1a0b7 --apply
    """
    if not apply_it:
        _told(asyncio.run(_look(plan)), as_json=as_json, more="add --apply to do it")
        raise SystemExit(1)
    done = asyncio.run(_applied(plan, patience))
    _told(done, as_json=as_json)
    raise SystemExit(0 if done.state is ReplayState.DONE else 1)


@click.command()
@click.argument("plan")
@PATIENCE
@JSON
def pause(plan: str, patience: float, *, as_json: bool) -> None:
    """Leave the replay PLAN where it is; the workers go on with what is new. `resume` takes it up there."""
    _told(asyncio.run(_halted(plan, patience, ReplayState.PAUSED)), as_json=as_json)


@click.command()
@click.argument("plan")
@PATIENCE
@JSON
def resume(plan: str, patience: float, *, as_json: bool) -> None:
    """Take up the replay PLAN where it was paused, and follow it to its end."""
    done = asyncio.run(_applied(plan, patience))
    _told(done, as_json=as_json)
    raise SystemExit(0 if done.state is ReplayState.DONE else 1)


@click.command()
@click.argument("plan")
@PATIENCE
@JSON
def stop(plan: str, patience: float, *, as_json: bool) -> None:
    """End the replay PLAN where it is, for good; what it has sent so far stays."""
    _told(asyncio.run(_halted(plan, patience, ReplayState.STOPPED)), as_json=as_json)


@click.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_(*, as_json: bool) -> None:
    """List the replays that were planned, the latest first: by whom, where each stands, and how far it is.

    That is told in messages of the topic that is read again (`messages` of --json: `left`, and `of` how many
    since it was begun or taken up last); `rows` and `calls` are what the preview said.
    """
    found = asyncio.run(_all())
    if as_json:
        click.echo(orjson.dumps([_plain(each) | {"messages": far._asdict()} for each, far in found]))
        return
    table = Table("plan", "connection", "from", "only", "rows", "calls", "planned", "state", "by")
    for each, far in found:
        numbers = (f"{each.rows:,}", f"{each.calls:,}", f"{each.planned_at:%Y-%m-%d %H:%M}")
        source = f"{each.source.value}{', forced' if each.forced else ''}"
        state = "\n".join(filter(None, (each.state.value, how_far(each, far))))
        table.add_row(each.id, each.connection, source, each.only or "all", *numbers, state, last_by(each))
    console().print(table)


async def _look(plan: str) -> Replay:
    return await _replays().one(plan)


async def _applied(plan: str, patience: float) -> Replay:
    replays = _replays(patience)
    replay = await replays.one(plan)
    async with open_registry(load(), now, os.urandom) as registry:
        connection = registry[replay.connection]
    with progress() as bar:
        shown = following(bar, bar.add_task(f"{replay.source.value} read again", total=None))
        moving = Standstill(shown, lambda line: click.echo(line, err=True), monotonic)
        return await replays.apply(replay.id, connection, moving, whoever())


async def _halted(plan: str, patience: float, goal: ReplayState) -> Replay:
    return await _replays(patience).halt(plan, goal, whoever())


async def _all() -> Sequence[tuple[Replay, Reach]]:
    replays = _replays()
    found = await replays.all()
    return [*zip(found, await replays.reaches(found), strict=True)]


def _replays(patience: float = PATIENT) -> Replays:
    return Replays(client_options(load()), now, patience, asking=_asking)


def _asking() -> None:
    click.echo("the workers are asked to step aside", err=True)


def _told(replay: Replay, *, as_json: bool, more: str = "") -> None:
    if as_json:
        click.echo(orjson.dumps(_plain(replay)))
        return
    what = f"{replay.connection}, from the {replay.source.value}{f', {replay.only}' if replay.only else ''}"
    click.echo(f"replay {replay.id} ({what}) is {replay.state.value}: {writes(replay)}")
    for line in (*acts(replay), *filter(None, [more])):
        click.echo(line)


def _plain(replay: Replay) -> dict[str, Any]:
    return replay.model_dump(mode="json")
