"""`freshforce setup`: make an org ready for us."""

import click

from app.cli.setup_salesforce import salesforce


@click.group()
def setup() -> None:
    """Make a Salesforce org ready: custom fields and a permission set.

    Without --apply nothing is written: what is there, missing or different is shown. Safe to repeat.
    """


setup.add_command(salesforce)
