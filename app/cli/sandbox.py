"""`freshforce sandbox`: a FreshBooks and a Salesforce to try things on."""

import asyncio
import errno
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import click
import orjson
from aiohttp import ClientConnectionError, ClientSession
from rich.console import Console
from rich.progress import Progress as Bar

from app.listening import reached
from app.sandbox.control import ControlRefused, FreshBooksControl
from app.sandbox.salesforce import Profile
from app.sandbox.salesforce.profile import profile_names
from app.sandbox.scenarios.runner import Progress
from app.sandbox.scenarios.story import load_story, story_names
from app.sandbox.server import Ports, RunningSandbox, running_sandbox
from app.settings import load

FRESHBOOKS_PORT = 8090
SALESFORCE_PORT = 8091
MOST_INVOICES = 1_000_000


@click.group()
def sandbox() -> None:
    """Run a simulated FreshBooks and Salesforce that speak the vendors' real HTTP.

    Nothing of it leaves this machine, and its credentials are worth nothing elsewhere.
    """


@sandbox.command()
@click.option("--freshbooks-port", default=FRESHBOOKS_PORT, show_default=True, help="0 picks a free one.")
@click.option("--salesforce-port", default=SALESFORCE_PORT, show_default=True, help="0 picks a free one.")
@click.option(
    "--invoices",
    type=click.IntRange(0, MOST_INVOICES),
    default=0,
    show_default=True,
    help="Begin with a past of so many invoices, with their clients and payments.",
)
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same books and secrets.")
@click.option(
    "--org",
    default="prepared",
    show_default=True,
    metavar="KIND",
    help="The kind of Salesforce org; bare: one to set up; `freshforce sandbox orgs` lists them.",
)
@click.option("--json", "as_json", is_flag=True, help="Print URLs and credentials as one JSON object.")
def run(**options: Any) -> None:
    """Run both until interrupted, and print where they listen and as whom to connect."""
    wish = _Wish(**options, public_url=reached(load().listen))
    _check(wish.org)
    try:
        asyncio.run(_run(wish))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        message = (
            "a port is taken; give others with --freshbooks-port and --salesforce-port (0: any free one)"
        )
        raise click.UsageError(message) from None


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def scenarios(*, as_json: bool) -> None:
    """List the scenarios and what they tell."""
    stories = [load_story(name) for name in story_names()]
    if as_json:
        click.echo(
            orjson.dumps([{"name": story.name, "tells": " ".join(story.tells.split())} for story in stories])
        )
        return
    for story in stories:
        click.echo(f"{story.name}\n    {' '.join(story.tells.split())}\n")


@sandbox.command()
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def orgs(*, as_json: bool) -> None:
    """List the kinds of Salesforce org that `run --org` offers."""
    kinds = {name: Profile.named(name).summary for name in profile_names()}
    if as_json:
        click.echo(orjson.dumps([{"name": name, "tells": tells} for name, tells in kinds.items()]))
        return
    for name, tells in kinds.items():
        click.echo(f"{name}\n    {tells}\n")


@sandbox.command()
@click.argument("scenario")
@click.option(
    "--url", default=f"http://127.0.0.1:{FRESHBOOKS_PORT}", show_default=True, help="The running FreshBooks."
)
@click.option("--seed", default=0, show_default=True, help="The same seed does the same things.")
@click.option(
    "--size", type=click.IntRange(1, MOST_INVOICES), default=100, show_default=True, help="Invoices."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each step.")
def play(*, scenario: str, url: str, seed: int, size: int, as_json: bool) -> None:
    """Play SCENARIO in a running sandbox: users act, webhooks are sent."""
    try:
        asyncio.run(_play(scenario, url, seed, size, as_json=as_json))
    except ControlRefused as refused:
        raise click.UsageError(str(refused)) from None
    except ClientConnectionError:
        message = f"nothing listens at {url}; start it with `freshforce sandbox run`"
        raise click.UsageError(message) from None


@dataclass(frozen=True, slots=True)
class _Wish:
    freshbooks_port: int
    salesforce_port: int
    invoices: int
    seed: int
    org: str
    as_json: bool
    public_url: str
    """Where the ingress is reached on this machine, by the settings as they are here."""


def _check(org: str) -> None:
    try:
        Profile.named(org)
    except KeyError:
        message = f"no kind of org is called {org}; there are {', '.join(profile_names())}"
        raise click.UsageError(message) from None


async def _run(wish: _Wish) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    ports = Ports(wish.freshbooks_port, wish.salesforce_port)
    async with running_sandbox(ports, seed=wish.seed, org=wish.org) as running:
        if wish.invoices:
            await running.freshbooks.control.sow(wish.invoices, wish.seed)
        _print(running, wish)
        await stop.wait()


def _print(running: RunningSandbox, wish: _Wish) -> None:
    shown = _credentials(running)
    if wish.as_json:
        click.echo(orjson.dumps(shown))
        return
    for name, fields in shown.items():
        click.secho(name, bold=True)
        for field, value in fields.items():  # whole, however narrow the terminal: they are to be copied
            click.echo(f"  {field.replace('_', ' '):14} {value}")
    click.echo(f"\n{_how_to_connect(running, wish.public_url)}\n")
    click.echo("stop with Ctrl-C; `freshforce sandbox scenarios` says what can be played")


def _how_to_connect(running: RunningSandbox, public_url: str) -> str:
    """Return settings and commands to copy, whole, as the credentials are."""
    freshbooks, salesforce = running.freshbooks, running.salesforce
    at = f"--api-url {freshbooks.url} --auth-url {freshbooks.url} --client-id {freshbooks.client_id}"
    return f"""to connect it, run Freshforce with these settings (in .env)
  FRESHFORCE_ALLOW_HTTP_VENDORS=true
  FRESHFORCE_PUBLIC_URL={public_url}
and then these commands; each asks for its client secret
  freshforce connect freshbooks acme {at}
  freshforce connect salesforce acme --domain {salesforce.url} --client-id {salesforce.client_id}"""


def _credentials(running: RunningSandbox) -> dict[str, dict[str, str]]:
    """Return what is needed to connect. These secrets open nothing but this sandbox."""
    freshbooks, salesforce = running.freshbooks, running.salesforce
    return {
        "freshbooks": {
            "url": freshbooks.url,
            "client_id": freshbooks.client_id,
            "client_secret": freshbooks.client_secret,
            "account_id": freshbooks.account_id,
        },
        "salesforce": {
            "url": salesforce.url,
            "client_id": salesforce.client_id,
            "client_secret": salesforce.client_secret,
        },
    }


async def _play(scenario: str, url: str, seed: int, size: int, *, as_json: bool) -> None:
    async with ClientSession() as session:
        playing = FreshBooksControl(session, url).play(scenario, seed, size)
        await (_print_lines(playing) if as_json else _print_bar(scenario, playing))


async def _print_lines(playing: AsyncIterator[Progress]) -> None:
    async for progress in playing:
        click.echo(progress.model_dump_json())


async def _print_bar(scenario: str, playing: AsyncIterator[Progress]) -> None:
    with Bar(console=Console(stderr=True)) as bar:
        task = bar.add_task(scenario, total=None)
        async for progress in playing:
            text = f"{scenario}: {progress.doing}, {progress.acts} acts {progress.note}"
            bar.update(task, total=progress.steps, completed=progress.step, description=text)
