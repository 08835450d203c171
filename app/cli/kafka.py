"""`freshforce kafka`: the embedded Kafka of this installation, by hand."""

import click
import orjson

from app.kafka.embedded import single
from app.settings import load


@click.group()
def kafka() -> None:
    """Start, stop or look at the embedded Kafka.

    `freshforce run` and `freshforce demo` start it by themselves; it is needed only where
    FRESHFORCE_KAFKA is empty.
    """


@kafka.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Port for clients; 0 picks a new one.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def start(port: int | None, *, as_json: bool) -> None:
    """Start it, and wait until it serves; nothing happens when it runs already.

    The first start of a user fetches Kafka's jars (about a minute); later ones need no network.
    """
    servers = single.start(load().home / "kafka", port)
    _say({"running": True, "servers": servers}, f"Kafka serves at {servers}", as_json=as_json)


@kafka.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(*, as_json: bool) -> None:
    """Say whether it runs, and where. Exit code 1 when it does not."""
    servers = single.running(load().home / "kafka")
    text = f"Kafka serves at {servers}" if servers else "Kafka does not run"
    _say({"running": servers is not None, "servers": servers}, text, as_json=as_json)
    raise SystemExit(0 if servers else 1)


@kafka.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def stop(*, as_json: bool) -> None:
    """Stop it in order; nothing is lost. A `freshforce run` that goes on starts it again."""
    ran = single.stop(load().home / "kafka")
    _say({"stopped": ran}, "Kafka stopped" if ran else "Kafka did not run", as_json=as_json)


def _say(answer: dict[str, object], text: str, *, as_json: bool) -> None:
    click.echo(orjson.dumps(answer) if as_json else text)
