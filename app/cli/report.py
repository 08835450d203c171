"""`freshforce report`: what the books and the org together say."""

import click

from app.cli.report_cashflow import cashflow


@click.group()
def report() -> None:
    """Report on the money. Nothing is written anywhere."""


report.add_command(cashflow)
