"""`freshforce match`: which Salesforce Account a FreshBooks client is."""

import asyncio
from collections.abc import Sequence
from typing import Final

import click
import orjson

from app.cli.console import console
from app.cli.match_decide import accept, join, reject, undo
from app.cli.match_desk import open_desk
from app.match.moves import of_now
from app.match.shown import account_lines, grouped, plain_match, table, way_on
from app.salesforce.matching.score import Existing
from app.salesforce.matching.search import named
from streams.domain.identity import ClientId
from streams.domain.match import Match, MatchState
from streams.domain.matches import members, of_connection

JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def match() -> None:
    """Say which Salesforce Account a FreshBooks client is.

    Before a client becomes a new Account, the org is looked into for one that is like it: by e-mail (its own
    and its Contacts'), phone and name. Two signs that speak for one Account alone are sure, and it is linked.
    Otherwise the client waits for a person, with all its rows; other clients go on. The setting
    `account_matching` says more: suggest, match_only or create. Clients that are one customer can share an
    Account: `join`.

    \b
    Example: freshforce match list acme
             freshforce match show acme 4711
             freshforce match accept acme 4711 001Dn00000AbCdEIAV --reason "the one in Toronto" --apply
    """  # noqa: D301 - click reads the character


match.add_command(accept)
match.add_command(join)
match.add_command(reject)
match.add_command(undo)


@match.command(name="list")
@click.argument("name")
@click.option("--all", "everything", is_flag=True, help="Those too of which is said who they are.")
@JSON
def list_(name: str, *, everything: bool, as_json: bool) -> None:
    """List the clients of NAME that wait for a person, the surest first; nobody is called.

    Exit code 1 when any waits.
    """
    found = asyncio.run(_listed(name))
    waiting = [each for each in found if each.state is MatchState.PROPOSED]
    shown = grouped(found if everything else waiting)
    if as_json:
        click.echo(orjson.dumps([plain_match(each) for each in shown]))
    elif shown:
        console().print(table(shown))
        click.echo(f"see one with `freshforce match show {name} CLIENT`")
    else:
        click.echo("no client waits for a person")
    raise SystemExit(1 if waiting else 0)


@match.command()
@click.argument("name")
@click.argument("client", type=click.IntRange(1))
@JSON
def show(name: str, client: int, *, as_json: bool) -> None:
    """Show how it stands with CLIENT of NAME, and the Accounts that it may be, as the org has them now."""
    found, accounts, others = asyncio.run(_shown(name, ClientId(client)))
    if as_json:
        told = None if found is None else plain_match(found, accounts)
        click.echo(orjson.dumps(told if not others else {**(told or {}), "shared_by": others}))
        return
    if others:
        click.echo(f"its Account is shared by {', '.join(map(str, others))}")
    if found is None:
        click.echo(f"nothing was asked or said of client {client}")
    else:
        click.echo(f"client {client}: {found.state.value} by {found.actor}, {found.at:%Y-%m-%d %H:%M} UTC")
        click.echo(f"  {found.reason}")
        if found.to is not None:
            click.echo(f"  shares the Account of client {found.to}")
        for line in (*account_lines(found, accounts), *way_on(found)):
            click.echo(line)


async def _listed(name: str) -> Sequence[Match]:
    async with open_desk(name) as desk:
        return [*of_connection(desk.book.matches, desk.connection.name)]


async def _shown(name: str, client: ClientId) -> tuple[Match | None, Sequence[Existing], Sequence[ClientId]]:
    async with open_desk(name) as desk:
        found = await desk.standing(client)
        others = members(desk.book.matches, desk.connection.name, client)
        if found is None:
            return None, (), others
        found = await of_now(desk, found)
        asked = [it.account for it in found.candidates]
        if found.account is not None and found.account not in asked:
            asked.append(found.account)
        return found, [*(await named(desk.org, asked)).values()] if asked else (), others
