"""What a query can see: objects and fields of one user, the rows, and what day it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.sandbox.salesforce.refusal import Code, Refusal
from app.sandbox.salesforce.rows import Row, Table
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.soql.syntax import Path
from app.sandbox.salesforce.soql.tokens import pointed_at

Get = Callable[[Row], Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """The surroundings of one query."""

    shapes: Mapping[str, Shape]
    tables: Mapping[str, Table]
    today: date
    text: str
    """The query as it was asked, for errors."""

    def object(self, name: str, at: int) -> Shape:
        """Return the object that a query is about.

        Raises:
            Refusal: there is none (INVALID_TYPE).
        """
        found = next((shape for known, shape in self.shapes.items() if known.lower() == name.lower()), None)
        if found is not None:
            return found
        told = (
            f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure "
            "to append the '__c' after the entity name. Please reference your WSDL or the describe call for "
            "the appropriate names."
        )
        raise pointed_at(self.text, at, Code.INVALID_TYPE, told)

    def field(self, shape: Shape, path: Path) -> tuple[Get, Field]:
        """Return how to read `path` from a row of `shape`, and what field it ends in.

        Raises:
            Refusal: there is no such field, or the user may not see it (INVALID_FIELD).
        """
        return self._reach(shape, self.own_names(shape, path), path)

    def own_names(self, shape: Shape, path: Path) -> tuple[str, ...]:
        """Return the names of `path` without the object's own in front."""
        own = path.names[0].lower() == shape.name.lower() and shape.relationship(path.names[0]) is None
        return path.names[1:] if own and len(path.names) > 1 else path.names

    def parents(self, shape: Shape, relationship: str, path: Path) -> tuple[Field, list[Shape]]:
        """Return the reference behind a relationship's name and the objects it may point to."""
        reference = shape.relationship(relationship)
        if reference is not None:
            return reference, [self.shapes[name] for name in reference.refers_to if name in self.shapes]
        told = (
            f"Didn't understand relationship '{relationship}' in field path. If you are attempting to use a "
            "custom relationship, be sure to append the '__r' after the custom relationship name. Please "
            "reference your WSDL or the describe call for the appropriate names."
        )
        raise pointed_at(self.text, path.at, Code.INVALID_FIELD, told)

    def _reach(self, shape: Shape, names: tuple[str, ...], path: Path) -> tuple[Get, Field]:
        first, *rest = names
        if not rest:
            field = shape.field(first)
            if field is None:
                raise self._no_column(shape, first, path)
            name = field.name
            return (lambda row: row.get(name)), field
        reference, parents = self.parents(shape, first, path)
        reached = {parent.thing.prefix: self._reach(parent, tuple(rest), path) for parent in parents}
        return self._through(reference, {prefix: get for prefix, (get, _) in reached.items()}), next(
            iter(reached.values())
        )[1]

    def _through(self, reference: Field, gets: dict[str, Get]) -> Get:
        name = reference.name

        def get(row: Row) -> Any:
            parent = self.parent(row.get(name))
            return None if parent is None else gets[parent["Id"][:3]](parent)

        return get

    def parent(self, row_id: str | None) -> Row | None:
        """Return the live row that a reference points to."""
        if row_id is None:
            return None
        return next(
            (table.get(row_id) for table in self.tables.values() if table.thing.prefix == row_id[:3]), None
        )

    def _no_column(self, shape: Shape, name: str, path: Path) -> Refusal:
        told = (
            f"No such column '{name}' on entity '{shape.name}'. If you are attempting to use a custom field, "
            "be sure to append the '__c' after the custom field name. Please reference your WSDL or the "
            "describe call for the appropriate names."
        )
        return pointed_at(self.text, path.at, Code.INVALID_FIELD, told)
