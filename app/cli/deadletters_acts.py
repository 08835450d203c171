"""`freshforce deadletters retry|discard|edit`: what a person does about a message that failed."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import click
import orjson

from app.cli.letters_chosen import by, chosen, kept, refuse_closed, to_discard
from app.deadletters.discard import discard as discard_all
from app.deadletters.edit import edited
from app.deadletters.masked import masked
from app.deadletters.outdated import Outdated, advice, outdated
from app.deadletters.retry import Again, put_back
from app.deadletters.said import By
from app.deadletters.shown import closed_line, plain, plain_outdated
from app.kafka.client import client_options
from app.registry import open_connections
from app.settings import load
from app.view.letters import Letter
from streams.codec import encode

JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_IDS: Final = click.argument("letter_ids", nargs=-1, metavar="[ID…]")
_CAUSE: Final = click.option("--cause", default="", metavar="CODE", help="All open ones of this cause.")
_APPLY: Final = click.option(
    "--apply", is_flag=True, help="Do it; without this it is only said what would be done."
)
Old: TypeAlias = Mapping[str, Outdated]
"""What there is to know of rows that an older mapping made, by the ids of their letters."""

_REASON: Final = click.option("--reason", required=True, help="Why; it stands in the audit beside your name.")


@click.command()
@_IDS
@_CAUSE
@_APPLY
@JSON
def retry(letter_ids: tuple[str, ...], cause: str, *, apply: bool, as_json: bool) -> None:
    """Put dead letters back on their topic, under their key, in their old order.

    A running worker takes them up at once and really sends them, though Salesforce may hold the same already;
    what is older than what a row has become is dropped. One that fails again becomes a new dead letter. Mend
    the cause first, and try one before all of a cause: a worker stops itself after fifty failures in a row.
    A row goes as it was made then: of one that an older mapping (or older settings) made it is said so, with
    the replay that has it made anew by today's.

    \b
    Example: freshforce deadletters retry 3f9a1c --apply
             freshforce deadletters retry --cause STRING_TOO_LONG --apply
    """  # noqa: D301 - click reads the character
    _some(letter_ids, cause)
    again, old = asyncio.run(_retry(letter_ids, cause, apply=apply))
    told = [each.told for each in again]
    _tell(told, ("put back", "would be put back"), apply=apply, as_json=as_json, old=old)


@click.command()
@_IDS
@_CAUSE
@_REASON
@_APPLY
@JSON
def discard(letter_ids: tuple[str, ...], cause: str, reason: str, *, apply: bool, as_json: bool) -> None:
    """Say that nothing needs to come of dead letters: they leave the list of open ones.

    The audit keeps who said so and why; `list --all` still shows them, and they may still be retried as long
    as Kafka keeps them. What waits behind a discarded row goes on. Open letters of older states of the same
    row that have the same cause go with it, and are named. One that is closed already is refused, and with it
    all: what became of it stands.

    \b
    Example: freshforce deadletters discard 3f9a1c --reason "a test client" --apply
             freshforce deadletters discard --cause no-such-object --reason "gone at FreshBooks" --apply
    """  # noqa: D301 - click reads the character
    _some(letter_ids, cause)
    found = asyncio.run(_discard(letter_ids, cause, by(reason), apply=apply))
    _tell(found, ("discarded", "would be discarded"), apply=apply, as_json=as_json)


@click.command()
@click.argument("letter_id", metavar="ID")
@click.option(
    "--set", "changes", multiple=True, required=True, metavar="FIELD=VALUE", help="Repeat for more."
)
@_REASON
@click.option("--again", "once_more", is_flag=True, help="Though it is closed: over what became of it.")
@_APPLY
@JSON
def edit(  # noqa: PLR0913 - one parameter per argument and option
    *, letter_id: str, changes: tuple[str, ...], reason: str, once_more: bool, apply: bool, as_json: bool
) -> None:
    """Have a row that Salesforce refused sent once with other values.

    FIELD is a Salesforce field that the failed row sets (`deadletters show ID` lists them); an empty VALUE
    clears it. The override holds until the next change of the row at FreshBooks: to have it stay, mend it
    there or in the mapping. The audit keeps who, why and which fields; the values stand in the command alone.
    A letter that is closed (retried, edited, discarded, overtaken) is refused until you say --again.

    \b
    Example: freshforce deadletters edit 3f9a1c --set Name="Ferry Ltd" --reason "too long" --apply
    """  # noqa: D301 - click reads the character
    wanted = dict(_change(each) for each in changes)
    again = asyncio.run(_edit(letter_id, wanted, by(reason), once_more=once_more, apply=apply))
    if again.instead is not None and not as_json:
        shape = orjson.dumps(masked(encode(again.instead)), option=orjson.OPT_INDENT_2)
        click.echo(f"the row as it {'was' if apply else 'would be'} sent\n{shape.decode()}")
        click.echo(f"changed: {', '.join(again.changed)}")
    _tell([again.told], ("sent anew", "would be sent anew"), apply=apply, as_json=as_json)


async def _retry(ids: Iterable[str], cause: str, *, apply: bool) -> tuple[Sequence[Again], Old]:
    again = await kept(await chosen(ids, cause))
    old = await _outdated([each.told for each in again])
    if apply:
        await put_back(client_options(load()), again, by())
    return again, old


async def _outdated(found: Sequence[Letter]) -> Old:
    """Return which letters hold a row that an older mapping made, by their ids."""
    if not any(letter.row for letter in found):
        return {}
    async with open_connections(load()) as connections:
        asked = ((letter.id, outdated(letter, connections)) for letter in found)
        return {letter_id: it for letter_id, it in asked if it is not None}


async def _discard(ids: Iterable[str], cause: str, who: By, *, apply: bool) -> Sequence[Letter]:
    found = await to_discard(ids, cause)
    if apply:
        await discard_all(client_options(load()), found, who)
    return found


async def _edit(
    letter_id: str, changes: Mapping[str, str], who: By, *, once_more: bool, apply: bool
) -> Again:
    found = await chosen([letter_id])
    if not once_more:
        refuse_closed(found, "add --again to send it once more, over what became of it")
    (again,) = await kept(found)
    anew = edited(again, changes, who.at)
    if apply:
        await put_back(client_options(load()), [anew], who)
    return anew


def _change(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        message = f"{text!r} is not FIELD=VALUE"
        raise click.BadParameter(message, param_hint="--set")
    return name, value


def _beside(letter: Letter, old: Old) -> str:
    if letter.id in old:
        return f" (made by an older mapping){_beside(letter, {})}"
    if letter.closed:
        return f" ({closed_line(letter.closed)})"
    return f" (an older state of the row of {letter.newer[:12]})" if letter.newer else ""


def _some(ids: Iterable[str], cause: str) -> None:
    if not (any(ids) or cause):
        message = "name dead letters by their ids, or a cause with --cause"
        raise click.UsageError(message)


def _tell(
    found: Sequence[Letter], words: tuple[str, str], *, apply: bool, as_json: bool, old: Old | None = None
) -> None:
    older = old or {}
    if as_json:
        told = [plain(letter) | plain_outdated(older.get(letter.id)) for letter in found]
        click.echo(orjson.dumps({"applied": apply, "letters": told}))
        return
    done, would = words
    for letter in found:
        click.echo(
            f"{letter.id}  {letter.row or f'{letter.place.topic}/{letter.place.partition}'}"
            f"{_beside(letter, older)}"
        )
    for line in _of_older_mapping(older.values(), apply=apply):
        click.echo(line)
    click.echo(f"{len(found)} {done}" if apply else f"{len(found)} {would}; add --apply")


def _of_older_mapping(old: Iterable[Outdated], *, apply: bool) -> Iterator[str]:
    """Yield what a person should know whose retry sends rows of an older mapping."""
    if not (found := [*old]):
        return
    sent = f"{'are' if apply else 'would be'} sent as it made them"
    yield f"{len(found)} of an older mapping (or older settings) {sent}; today's makes them anew by"
    for command in advice(found):
        yield f"  {command}   then `freshforce replay apply PLAN --apply`"
