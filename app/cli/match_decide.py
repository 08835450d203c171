"""`freshforce match accept|reject|undo`: what it would do, then `--apply`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import click
import orjson

from app.cli.clock import now
from app.cli.match_desk import open_desk
from app.cli.progress import following, progress
from app.kafka.client import client_options
from app.mapping.rehearsal import Difference
from app.mapping.shown import lines, plain_difference
from app.match.decide import carry_out, plan_accept, plan_reject, plan_undo, surely
from app.match.desk import Desk
from app.match.differences import differences
from app.match.join import plan_join
from app.match.plan import Plan
from app.match.shown import plain_plan, plan_lines
from app.settings import load
from streams.domain.identity import ClientId, SalesforceId

_CLIENT: Final = click.IntRange(1)
_APPLY: Final = click.option("--apply", "wanted", is_flag=True, help="Do it; without it, only the plan.")
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_REASON: Final = click.option("--reason", default="", help="Why; kept with the decision.")
_BY: Final = click.option("--by", "actor", default="", help="Who decides (default: who is logged in here).")

Planned = Callable[[Desk], Awaitable[list[Plan]]]


@click.command()
@click.argument("name")
@click.argument("client", type=_CLIENT, required=False)
@click.argument("account", required=False)
@click.option("--all-sure", is_flag=True, help="Every client that waits although one Account is sure.")
@_REASON
@_BY
@_APPLY
@_JSON
def accept(name: str, client: int | None, account: str | None, *, all_sure: bool, **how: Any) -> None:
    """Say that CLIENT of NAME is the Salesforce Account with the id ACCOUNT.

    The Account gets the client's number; what waits of the client goes at once. A client that is another
    Account so far leaves it: the rows that would move are shown first. If the Account is another client's
    already, the two come to share it, as with `freshforce match join`.

    \b
    Example: freshforce match accept acme 4711 001Dn00000AbCdEIAV --apply
             freshforce match accept acme --all-sure --apply
    """  # noqa: D301 - click reads the character
    if all_sure == (client is not None) or (client is not None and account is None):
        message = "give CLIENT and ACCOUNT, or --all-sure"
        raise click.UsageError(message)

    async def planned(desk: Desk) -> list[Plan]:
        wanted = [*surely(desk)] if all_sure else [(ClientId(client or 0), SalesforceId(account or ""))]
        return [await plan_accept(desk, each, its) for each, its in wanted]

    _decide(name, planned, **how)


@click.command()
@click.argument("name")
@click.argument("client", type=_CLIENT)
@_REASON
@_BY
@_APPLY
@_JSON
def reject(name: str, client: int, **how: Any) -> None:
    """Say that CLIENT of NAME is none of the org's Accounts: it gets a new one, and what waits goes."""

    async def planned(desk: Desk) -> list[Plan]:
        return [await plan_reject(desk, ClientId(client))]

    _decide(name, planned, **how)


@click.command()
@click.argument("name")
@click.argument("client", type=_CLIENT)
@_REASON
@_BY
@_APPLY
@_JSON
def undo(name: str, client: int, **how: Any) -> None:
    """Take back that CLIENT of NAME is the Account it was linked or joined to: it gets one of its own.

    Shows first which rows would move and which of our fields would be emptied on the Account it leaves. What
    we wrote into the Account's standard fields (name, phone, addresses) stays: we do not know what was there.
    """

    async def planned(desk: Desk) -> list[Plan]:
        return [await plan_undo(desk, ClientId(client))]

    _decide(name, planned, **how)


@click.command()
@click.argument("name")
@click.argument("client", type=_CLIENT)
@click.argument("other", type=_CLIENT)
@_REASON
@_BY
@_APPLY
@_JSON
def join(name: str, client: int, other: int, **how: Any) -> None:
    """Say that CLIENT of NAME is the same customer as the client OTHER: it shares the Account of that one.

    The Account then shows the sums over both (outstanding, paid, overdue, open and last invoice, last
    payment), and the Opportunities of both hang under it. Each keeps its own Contact. An Account that CLIENT
    had so far keeps its number and shows no more money. Any number of clients may share one Account; it is
    called and addressed as OTHER is. Shows first which rows would differ; `undo` takes it back.

    \b
    Example: freshforce match join acme 4712 4711 --reason "their Montréal office" --apply
    """  # noqa: D301 - click reads the character

    async def planned(desk: Desk) -> list[Plan]:
        return [await plan_join(desk, ClientId(client), ClientId(other))]

    _decide(name, planned, **how)


def _decide(  # noqa: PLR0913 - the options
    name: str, planned: Planned, *, reason: str, actor: str, wanted: bool, as_json: bool
) -> None:
    decided = asyncio.run(_decided(name, planned, reason, actor, wanted=wanted))
    if as_json:
        told = [{**plain_plan(plan), "differences": [*map(plain_difference, its)]} for plan, its in decided]
        click.echo(orjson.dumps({"connection": name, "applied": wanted, "plans": told}))
        return
    for plan, its in decided:
        click.echo("\n".join([*plan_lines(plan), *(f"  {line}" for it in its for line in lines(it))]))
    if not decided:
        click.echo("no client waits of which one Account is sure")
    elif wanted:
        click.echo("done; the workers write the rows")
    elif not all(plan.done for plan, _ in decided):
        click.echo("only a plan, nothing was written; do it with --apply")


Decided = list[tuple[Plan, Sequence[Difference]]]
"""Each plan, with the rows that differ by it as far as the log tells."""


async def _decided(name: str, planned: Planned, reason: str, actor: str, *, wanted: bool) -> Decided:
    async with open_desk(name, actor) as desk:
        plans = await planned(desk)
        told = [(plan, await _differences(desk, plan)) for plan in plans]
        if wanted:
            for plan in plans:
                await carry_out(desk, plan, reason)
        return told


async def _differences(desk: Desk, plan: Plan) -> Sequence[Difference]:
    with progress() as bar:
        return await differences(
            client_options(load()),
            desk.connection,
            plan,
            now(),
            lambda client: following(bar, bar.add_task(f"records of client {client}", total=None)),
        )
