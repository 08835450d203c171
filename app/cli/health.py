"""`freshforce health`: whether the roles that run here do their work."""

import http.client
from pathlib import Path
from typing import Any

import click
import orjson

from app.process.health import port_in
from app.settings import load

PATIENCE = 3.0


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def health(*, as_json: bool) -> None:
    """Say whether the roles that run here do their work.

    Ready means: partitions are assigned, tables are whole, Kafka answers. Those are asked that a
    `freshforce run` with this FRESHFORCE_HOME keeps, from its start on: one that starts, failed or was killed
    is not ready. One that ended in order, or runs on another machine, is not missed: where several machines
    share the roles, ask on each. Containers use it as their health check.

    Exit code 1 when a role is not ready, or when none runs here.
    """
    said = {note.stem: _asked(note) for note in _notes(load().home)}
    ready = bool(said) and all(answer["ready"] for answer in said.values())
    if as_json:
        click.echo(orjson.dumps({"ready": ready, "roles": said}))
    elif said:
        for name, answer in said.items():
            click.echo(f"{name:<12} {'ready' if answer['ready'] else answer.get('why', 'not ready yet')}")
            for each in answer.get("checks", ()):
                if not each["well"]:
                    click.echo(f"  {each['name']}: {each['says']}. Mend: {each['mend']}")
    else:
        click.echo("no role runs here; start them with `freshforce run`")
    raise SystemExit(0 if ready else 1)


def _notes(home: Path) -> list[Path]:
    """Return the files in which running roles say where their health is."""
    return sorted((home / "run").glob("*.json"))


def _asked(note: Path) -> dict[str, Any]:
    """Return what the role that left `note` says of itself."""
    try:
        port = port_in(note)
        return _said(port) if port else {"ready": False, "why": "it starts, or failed; its log says why"}
    except (OSError, http.client.HTTPException, orjson.JSONDecodeError):
        return {"ready": False, "why": "it does not run, or does not answer"}


def _said(port: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health/ready")
        said: dict[str, Any] = orjson.loads(connection.getresponse().read())
    finally:
        connection.close()
    return said
