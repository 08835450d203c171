"""`freshforce connect`: give credentials and consent."""

import importlib
import importlib.util
from typing import Final

import click

_SIDES: Final = {
    "freshbooks": "app.cli.connect_freshbooks",
    "salesforce": "app.cli.connect_salesforce",
}


class Sides(click.Group):
    """One command per side, imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the sides that this release can connect."""
        return [side for side, module in _SIDES.items() if importlib.util.find_spec(module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the side's command and return it."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(importlib.import_module(_SIDES[cmd_name]), cmd_name)
        return command


@click.group(cls=Sides)
def connect() -> None:
    """Connect a FreshBooks account or a Salesforce org.

    A connection joins one of each under a name. Secrets come from a file, stdin or a prompt, never from
    the command line. Connecting again replaces the credentials and keeps everything else.
    """
