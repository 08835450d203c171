"""Secrets from a person: from a file, stdin or a hidden prompt; never from the command line."""

import sys
from pathlib import Path
from typing import Final

import click
from pydantic import SecretStr

SECRET_FILE: Final = click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True)


def read_secret(file: str | None, what: str) -> SecretStr:
    """Return the secret in `file` ("-" is stdin), or ask for it without showing it.

    Raises:
        click.UsageError: there is none.
    """
    if file is None:
        text: str = click.prompt(what, hide_input=True, err=True)
    elif file == "-":
        text = sys.stdin.readline()
    else:
        text = Path(file).read_text("utf-8")
    if not text.strip():
        message = f"{what}: nothing given"
        raise click.UsageError(message)
    return SecretStr(text.strip())
