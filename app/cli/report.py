"""`freshforce report`: what the books and the org together say, and how well the one follows the other."""

import click

from app.cli.report_cashflow import cashflow
from app.cli.report_latency import latency
from app.cli.report_reconciliation import reconciliation
from app.cli.report_sync import sync


@click.group()
def report() -> None:
    """Report on the money, and on the work. Nothing is written anywhere."""


report.add_command(cashflow)
report.add_command(latency)
report.add_command(reconciliation)
report.add_command(sync)
