"""`freshforce mapping check`: a mapping held against the org."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import click
import orjson
from rich.table import Table
from rich.text import Text

from app.cli.clock import now
from app.cli.console import console
from app.cli.mapping_file import JSON, PATH, text_of
from app.connect.naming import connection_name
from app.mapping.check import Checked, Finding, checked
from app.mapping.shown import plain, said
from app.mapping.stages import stage_findings
from app.registry import open_registry
from app.salesforce.care.stages import org_stages
from app.salesforce.lanes.orgs import orgs
from app.salesforce.wire.transport import QUICK, transport
from app.settings import load
from streams.domain.command import Field, SObject
from streams.mapping.reading import accepted
from streams.mapping.rules import Rules


@click.command()
@click.argument("name")
@click.argument("file", type=PATH, required=False)
@JSON
def check(name: str, file: str | None, *, as_json: bool) -> None:
    """Hold the mapping of NAME, or FILE, against the org: one describe per object; nothing is written.

    Is each field there, may our user write it, does the value's type fit, does the picklist offer it, what
    does the org demand beside it? Shows an example row of each object, as it would be sent (a made-up invoice
    is in the org's currency), and beside it what would be left out. Exit code 1 when something would be
    refused or left out.
    """
    text = None if file is None else text_of(file, as_json=as_json)
    found = asyncio.run(_checked(name, text))
    if as_json:
        click.echo(orjson.dumps([_plain(each) for each in found]))
    else:
        for each in found:
            show(each)
    raise SystemExit(1 if any(it.stops for each in found for it in each.findings) else 0)


async def _checked(name: str, text: str | None) -> list[Checked]:
    settings = load()
    async with open_registry(settings, now, os.urandom) as registry, transport(QUICK) as send:
        connection = registry[connection_name(name)]
        meant = connection if text is None else connection.model_copy(update={"mapping": text})
        accepted(meant.mapping)  # what is stored may be of an earlier release
        lanes = orgs(registry, send, allow_http=settings.allow_http_vendors)
        rules, client = Rules.of(meant), lanes.client(connection.name)
        found = [each.at(name) async for each in checked(rules, client)]
        odd = tuple(stage_findings(rules, await org_stages(client)))
        return [_with(odd, each) if each.sobject is SObject.OPPORTUNITY else each for each in found]


def _with(more: tuple[Finding, ...], found: Checked) -> Checked:
    return replace(found, findings=found.findings + more)


def _plain(found: Checked) -> dict[str, Any]:
    return {
        "object": found.sobject.value,
        "of_persons": found.of_persons,
        "findings": [asdict(each) for each in found.findings],
        "example": _plain_fields(found.example.sent),
        "left_out": _plain_fields(found.example.left_out),
        "notes": [*found.example.notes],
    }


def _plain_fields(fields: Mapping[str, Field]) -> dict[str, Any]:
    return {name: plain(value) for name, value in fields.items()}


def show(found: Checked) -> None:
    """Show an example where the object has rows of its own, then what is to be said of it."""
    if found.example.sent:
        click.echo(f"{found.called}: an example row")
        console().print(_row(found))
    for note in found.example.notes:
        click.echo(f"· {note}")
    for each in found.findings:
        click.echo(f"{'✗' if each.stops else '·'} {each.key}: {each.says}\n    mend: {each.mend}")
    if not found.findings:
        click.echo(f"✓ {found.called}: the org takes it")


def _row(found: Checked) -> Table:
    table = Table()
    table.add_column("field", no_wrap=True)
    table.add_column("gets", overflow="fold")
    for name, value in found.example.sent.items():
        table.add_row(name, Text(said(value)))
    for name, value in found.example.left_out.items():
        table.add_row(name, Text(f"(left out: {said(value)})"))
    return table
