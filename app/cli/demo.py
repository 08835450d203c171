"""`freshforce demo`: everything together on this machine, with a verdict."""

import asyncio
import signal
from typing import NoReturn

import click
import orjson

from app.cli.console import console
from app.demo.driver import Demo, Wish
from app.demo.processes import CommandFailed
from app.demo.stage import DemoFailed
from app.demo.summary import Summary
from app.sandbox.scenarios.story import story_names
from app.settings import load

INTERRUPTED = 130
ENDED = 143


@click.command()
@click.option(
    "--scenario",
    type=click.Choice(story_names()),
    default="a-busy-morning",
    show_default=True,
    help="What happens in FreshBooks.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed does the same things.")
@click.option("--size", type=click.IntRange(10), default=100, show_default=True, help="Invoices, about.")
@click.option("--keep", is_flag=True, help="Leave everything running in the end and print the URLs.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as one JSON object, nothing else.")
def demo(scenario: str, *, seed: int, size: int, keep: bool, as_json: bool) -> None:
    """Show the whole way from FreshBooks to Salesforce on this machine.

    Starts a real Kafka, Freshforce's roles, and a FreshBooks and a Salesforce that speak the vendors' HTTP;
    connects them by the commands you would use; plays a scenario through signed webhooks and kills the
    worker once on the way. In the end it compares both systems, row by row.

    Exit code 1 when anything was lost or is wrong.
    """
    wish = Wish(scenario, seed, size, keep)
    play = Demo(
        wish, load().home.resolve() / "demo", console(quiet=as_json), printed if as_json else _nothing
    )
    try:
        summary = asyncio.run(_unless_told_to_end(play))
    except (DemoFailed, CommandFailed) as failed:
        raise click.ClickException(str(failed)) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except asyncio.CancelledError:
        raise SystemExit(ENDED) from None
    end(summary)


def printed(summary: Summary) -> None:
    """Print the figures as one JSON object."""
    click.echo(orjson.dumps(summary.plain()))


def end(summary: Summary) -> NoReturn:
    """End the process with what the figures deserve."""
    raise SystemExit(0 if summary.good else 1)


async def _unless_told_to_end(play: Demo) -> Summary:
    """Play, and clear the stage also when the terminal goes away or somebody ends us."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    return await play.run()


def _nothing(_summary: Summary) -> None:
    """Tell nobody: the figures are on the screen."""
