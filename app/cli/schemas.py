"""`freshforce schemas`: the published shape of our messages, checked or written anew."""

import json
from pathlib import Path
from typing import Final

import click

from app.schema.folder import export as write
from app.schema.folder import findings

_FOLDER: Final = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default="schemas",
    show_default=True,
    help="Where topics.toml, the schemas and their examples are.",
)


@click.group()
def schemas() -> None:
    """Check or export the schemas of our messages.

    The JSON Schemas and the AsyncAPI document are generated from the models in streams/domain and from
    topics.toml. Whoever changes a model exports them; the tests refuse a difference.
    """


@schemas.command()
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(folder: Path, *, as_json: bool) -> None:
    """Tell whether the schemas are what the models say, and whether every example is judged as it should be.

    Exit code 0 when all is well, 1 when something was found.

    Example: freshforce schemas check
    """
    _whole(folder)
    found = list(findings(folder))
    click.echo(json.dumps({"findings": found}) if as_json else "\n".join(found or ["All is well."]))
    raise SystemExit(1 if found else 0)


@schemas.command()
@_FOLDER
@click.option("--json", "as_json", is_flag=True, help="Print the names of the written files as JSON.")
def export(folder: Path, *, as_json: bool) -> None:
    """Write the schemas and asyncapi.yaml anew; what is already right is left alone.

    Example: freshforce schemas export --folder schemas
    """
    _whole(folder)
    changed = write(folder)
    lines = [f"wrote {name}" for name in changed] or ["Nothing to change."]
    click.echo(json.dumps({"written": changed}) if as_json else "\n".join(lines))


def _whole(folder: Path) -> None:
    if not (folder / "topics.toml").is_file():
        message = f"{folder} has no topics.toml: name the folder `schemas` of the source"
        raise click.UsageError(message)
