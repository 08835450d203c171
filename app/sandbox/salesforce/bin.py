"""Deleting a row and bringing it back, with the rows that belong to it."""

from app.sandbox.salesforce.guard import refuse_taken
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Code, not_found, refuse
from app.sandbox.salesforce.rows import Row, Table
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.writer import Writer

LINE = "OpportunityLineItem"
DELETED_WITH = "-deleted-with"
"""On a row in the recycle bin: whose deletion took it along. Not a field, so nobody sees it."""


def delete(org: Org, writer: Writer, shape: Shape, row_id: str) -> None:
    """Put a row into the recycle bin, with the rows that cannot be without it.

    Raises:
        Refusal: it is not there, or its kind is not to be deleted.
    """
    if not shape.thing.deletable:
        raise refuse(Code.INSUFFICIENT_ACCESS_OR_READONLY, "insufficient access rights on object id")
    table, row = org.tables[shape.name], writer.row(shape, row_id)
    _refuse_needed(org, table, row)
    _bin(org, writer, table, row, row_id)
    if shape.name == LINE:
        writer.sum_up(row["OpportunityId"])


def _refuse_needed(org: Org, table: Table, row: Row) -> None:
    """Let a row pass that no other forbids to delete."""
    for child_table, field in _children(org, table):
        if field.restricts and any(child_table.find(field.name, row["Id"])):
            told = (
                f"Your attempt to delete {row['Name']} could not be completed because it is associated with"
            )
            raise refuse(Code.DELETE_FAILED, f"{told} some {child_table.thing.plural.lower()}.")
    if row.get("IsStandard"):
        raise refuse(Code.DELETE_FAILED, "The standard price book cannot be deleted.")


def _bin(org: Org, writer: Writer, table: Table, row: Row, because: str) -> None:
    for child_table, field in _children(org, table):
        for child in list(child_table.some(child_table.find(field.name, row["Id"]))):
            if field.cascade:
                _bin(org, writer, child_table, child, because)
            else:
                writer.note(child_table, child, child["Id"])
                child_table.put(child | {field.name: None})
    writer.note(table, row, row["Id"])
    table.bin(writer.stamped(row) | {"IsDeleted": True, DELETED_WITH: because})


def _children(org: Org, table: Table) -> list[tuple[Table, Field]]:
    return [
        (org.tables[name], field)
        for name, thing in org.objects.items()
        for field in thing.fields.values()
        if field.children and table.thing.name in field.refers_to
    ]


def undelete(org: Org, writer: Writer, shape: Shape, row_id: str) -> None:
    """Bring a row back from the recycle bin, with what went with it.

    Raises:
        Refusal: it is not in the bin, or a unique value is taken by now.
    """
    if row_id not in org.tables[shape.name].deleted:
        raise not_found()
    for name in org.objects:
        table = org.tables[name]
        for row in [each for each in table.deleted.values() if each[DELETED_WITH] == row_id]:
            refuse_taken(writer.shapes[name], table, row)
            kept = {key: value for key, value in row.items() if key != DELETED_WITH}
            writer.note(table, row, row["Id"], deleted=True)
            table.unbin(writer.stamped(kept) | {"IsDeleted": False})
            if name == LINE:
                writer.sum_up(row["OpportunityId"])
