"""A mapping file, as the commands take it: read whole, and refused with every flaw at once."""

from typing import Final

import click
import orjson

from streams.mapping.flaws import BadMapping, Flaw
from streams.mapping.reading import accepted

JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
PATH: Final = click.Path(exists=True, dir_okay=False, allow_dash=True)


def text_of(file: str, *, as_json: bool) -> str:
    """Return the text of a mapping file that can work; "-" is stdin.

    Otherwise the command ends with exit code 1 and every flaw, as JSON where that is asked for.
    """
    try:
        return _sound(file)
    except BadMapping as bad:
        if not as_json:
            raise
        click.echo(orjson.dumps({"flaws": [flaw._asdict() for flaw in bad.flaws]}))
        raise SystemExit(1) from None


def _sound(file: str) -> str:
    with click.open_file(file, "rb") as opened:
        raw: bytes = opened.read()
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise BadMapping([Flaw("", "the file is no UTF-8 text", "save it as UTF-8")]) from None
    if not text.strip():
        raise BadMapping([Flaw("", "the file is empty", "see `freshforce mapping show`")])
    accepted(text)
    return text
