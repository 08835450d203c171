"""`freshforce bench`: measure ourselves beside peers, in one run, on this machine."""

import importlib
import importlib.util
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console

if TYPE_CHECKING:
    from app.bench.report import Report

BENCHES: Final = {
    "ingress": "app.bench.ingress",
    "transform": "app.bench.transform",
    "recovery": "app.bench.recovery",
    "replay": "app.bench.replay",
    "deliver": "app.bench.deliver",
    "view": "app.bench.view",
    "crash": "app.bench.crash",
    "grants": "app.bench.grants",
}
"""Name → module with `measure(say) -> Report`; `say` tells a person how far it is."""


class _Names(click.Choice[str]):
    """The benchmarks of this release."""

    def __init__(self) -> None:
        super().__init__([name for name, module in BENCHES.items() if importlib.util.find_spec(module)])


@click.command()
@click.argument("name", type=_Names())
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON object.")
@click.option(
    "--seed", type=click.IntRange(0), help="For crash and grants: kill as the run with this seed did."
)
@click.option(
    "--records", type=click.IntRange(100), help="For replay: rewind so many records; 20,000 otherwise."
)
@click.option("--alone", is_flag=True, help="For replay: without peers, which take long over many records.")
def bench(name: str, *, as_json: bool, seed: int | None, records: int | None, alone: bool) -> None:
    """Measure NAME beside peers in the same run, rounds interleaved; five minutes or so, ten for grants.

    Exit code 0 when all goals are met, 1 when not. Figures are worth something only with their machine,
    and ratios of one run more than figures of two: close what else is running.

    Examples: freshforce bench ingress --json; freshforce bench replay --records 1000000 --alone
    """
    if seed is not None and name not in {"crash", "grants"}:
        message = "only crash and grants draw from a seed"
        raise click.UsageError(message)
    if (records or alone) and name != "replay":
        message = "only replay takes --records and --alone"
        raise click.UsageError(message)
    asked = {"seed": seed, "records": records, "alone": alone or None}
    drawn = {option: value for option, value in asked.items() if value is not None}
    measure: Callable[..., Report] = importlib.import_module(BENCHES[name]).measure
    aside = Console(stderr=True)
    with aside.status(f"bench {name}") as status:
        report = measure(lambda text: status.update(f"bench {name}: {text}"), **drawn)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        report.show(Console())
    raise SystemExit(0 if report.met else 1)
