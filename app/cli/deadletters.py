"""`freshforce deadletters`: the messages that could not be handled, why, and what is done about them."""

import asyncio
from typing import Any

import click
import orjson

from app.cli.console import console
from app.cli.deadletters_acts import JSON, discard, edit, retry
from app.cli.letters_chosen import one, told
from app.deadletters.masked import masked
from app.deadletters.shown import plain, plain_group, spelled, table
from app.view.letters import groups


@click.group()
def deadletters() -> None:
    """Look at the messages that could not be handled, and have them tried again.

    A message that fails for good is put aside with its bytes, its place, the cause and the mend, so that
    the others go on. Mend the cause, then retry: nothing newer is overwritten by it. A letter closes by
    itself when a later state of its row goes through. Behind a row that Salesforce refused, the later rows
    of the same client wait (column `wait behind`) until it is retried, edited or discarded.

    Example: freshforce deadletters list; freshforce deadletters retry 3f9a1c --apply
    """


deadletters.add_command(retry)
deadletters.add_command(discard)
deadletters.add_command(edit)


@deadletters.command(name="list")
@click.option("--connection", default="", help="Only those of one connection.")
@click.option("--all", "also_closed", is_flag=True, help="Closed ones, too: retried, discarded, overtaken.")
@JSON
def list_(connection: str, *, also_closed: bool, as_json: bool) -> None:
    """List open dead letters by cause and step, with their number and the mend.

    Exit code 1 when there are any.
    """
    known, begun = asyncio.run(told(connection))
    found = groups(letter for letter in known if also_closed or letter.closed is None)
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
@JSON
@click.option("--unmasked", is_flag=True, help="Show the values, too: customers' names and amounts.")
def show(letter_id: str, *, as_json: bool, unmasked: bool) -> None:
    """Show one dead letter: what it is about, its place, cause and mend; the message with its values masked.

    ID may be the beginning of an id, six digits or more.
    """
    letter, archived = asyncio.run(one(letter_id))
    original = "(no longer in Kafka)" if archived is None else _original(archived.original, unmasked=unmasked)
    if as_json:
        click.echo(orjson.dumps(plain(letter) | {"original": original}))
        return
    for name, value in spelled(letter):
        click.echo(f"{name:12} {value}")
    click.echo(f"original\n{orjson.dumps(original, option=orjson.OPT_INDENT_2).decode()}")


def _original(raw: bytes | None, *, unmasked: bool) -> Any:
    if raw is None or not unmasked:
        return masked(raw)
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return masked(raw)
