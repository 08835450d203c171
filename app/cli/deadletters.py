"""`freshforce deadletters`: the messages that could not be handled, why, and another try."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import click
import orjson

from app.cli.clock import now
from app.cli.console import console
from app.deadletters.archive import fetched
from app.deadletters.masked import masked
from app.deadletters.retry import Again, put_back
from app.deadletters.shown import plain, plain_group, table
from app.kafka.client import client_options
from app.settings import load
from app.view.letters import Letter, groups, letters, meant
from app.view.store import Store
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Misconfigured

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class NoLetter(Misconfigured):
    """An id means no dead letter, or more than one."""

    code = "no-dead-letter"
    mend = "see `freshforce deadletters list --json`; the view role must run to know new ones"


@click.group()
def deadletters() -> None:
    """Look at the messages that could not be handled, and have them tried again.

    A message that fails for good is put aside with its bytes, its place, the cause and the mend, so that
    the others go on. Mend the cause, then retry: nothing newer is overwritten by it.

    Example: freshforce deadletters list; freshforce deadletters retry 3f9a1c --apply
    """


@deadletters.command(name="list")
@click.option("--connection", default="", help="Only those of one connection.")
@click.option("--all", "also_retried", is_flag=True, help="Those too that were tried again since.")
@_JSON
def list_(connection: str, *, also_retried: bool, as_json: bool) -> None:
    """List dead letters by cause and step, with their number and the mend.

    Exit code 1 when there are any.
    """
    told, begun = asyncio.run(_told(connection))
    found = groups(letter for letter in told if also_retried or letter.retried_at is None)
    if as_json:
        click.echo(orjson.dumps([plain_group(group) for group in found]))
    elif found:
        console().print(table(found))
        click.echo("see one with `freshforce deadletters show ID`")
    else:
        click.echo("no dead letters")
    if not begun:
        click.echo("The view has stored nothing yet. Is the view role running?", err=True)
    raise SystemExit(1 if found else 0)


@deadletters.command()
@click.argument("letter_id", metavar="ID")
@_JSON
def show(letter_id: str, *, as_json: bool) -> None:
    """Show one dead letter: its place, cause and mend, and the message with its values masked.

    ID may be the beginning of an id, six digits or more.
    """
    letter, kept = asyncio.run(_one(letter_id))
    shown = plain(letter) | {"original": masked(kept.original) if kept else "(no longer in Kafka)"}
    if as_json:
        click.echo(orjson.dumps(shown))
        return
    original = shown.pop("original")
    for name, value in shown.items():
        click.echo(f"{name.replace('_', ' '):12} {'' if value is None else value}")
    click.echo(f"original\n{orjson.dumps(original, option=orjson.OPT_INDENT_2).decode()}")


@deadletters.command()
@click.argument("letter_ids", nargs=-1, required=True, metavar="ID…")
@click.option("--apply", is_flag=True, help="Do it; without this it is only said what would be done.")
@_JSON
def retry(letter_ids: tuple[str, ...], *, apply: bool, as_json: bool) -> None:
    """Put the original bytes of dead letters back on their topic, under their key, in their old order.

    A running worker takes them up at once. One that fails again becomes a new dead letter. Mend the cause
    first: a worker stops itself after fifty failures in a row.
    """
    again = asyncio.run(_retry(letter_ids, apply=apply))
    if as_json:
        click.echo(orjson.dumps({"applied": apply, "letters": [plain(each.told) for each in again]}))
        return
    for each in again:
        place = each.told.place
        retried = f" (tried again before, {each.told.retried_at:%F %T})" if each.told.retried_at else ""
        click.echo(f"{each.told.id}  to {place.topic} partition {place.partition}{retried}")
    click.echo(f"{len(again)} put back" if apply else f"{len(again)} would be put back; add --apply")


async def _told(connection: str = "") -> tuple[list[Letter], bool]:
    """Return the letters that the view knows, and whether it knows anything at all."""
    store = await Store.open(load().database)
    try:
        return await letters(store, connection), bool(await store.positions())
    finally:
        await store.close()


async def _one(letter_id: str) -> tuple[Letter, DeadLetter | None]:
    letter = _meant((await _told())[0], letter_id)
    return letter, (await fetched(client_options(load()), [letter])).get(letter.id)


async def _retry(letter_ids: Iterable[str], *, apply: bool) -> list[Again]:
    told, _ = await _told()
    chosen = {letter.id: letter for letter in (_meant(told, each) for each in letter_ids)}.values()
    options = client_options(load())
    again = _again(sorted(chosen, key=_standing), await fetched(options, [*chosen]))
    if apply:
        await put_back(options, again, now())
    return again


def _again(chosen: Sequence[Letter], kept: Mapping[str, DeadLetter]) -> list[Again]:
    """Pair what is told with what is kept; nothing is retried unless all of it can be."""
    if gone := [letter.id for letter in chosen if letter.id not in kept]:
        message = f"no longer in Kafka: {', '.join(gone)}; nothing was put back"
        raise NoLetter(message)
    return [Again(letter, kept[letter.id]) for letter in chosen]


def _standing(letter: Letter) -> tuple[str, int, int]:
    return letter.place.topic, letter.place.partition, letter.place.offset


def _meant(told: Iterable[Letter], beginning: str) -> Letter:
    match meant(told, beginning):
        case [letter]:
            return letter
        case []:
            message = f"no dead letter {beginning} is known"
        case several:
            message = f"{len(several)} dead letters begin with {beginning}"
    raise NoLetter(message)
