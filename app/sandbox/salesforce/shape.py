"""An object as one kind of writer meets it: which names the writer may use, and what each value must be.

The integration user meets field permissions. A person at the screen does not meet those that bind the
integration user alone, and the org's own processes may also fill what is otherwise calculated.
"""

from dataclasses import dataclass

from app.sandbox.salesforce.checks import Check, check_of
from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.rows import Table
from app.sandbox.salesforce.schema import Field, SObject

STAMPS = frozenset(
    (
        "Id",
        "IsDeleted",
        "CreatedDate",
        "CreatedById",
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
    )
)


@dataclass(frozen=True, slots=True)
class Slot:
    """One field to one writer."""

    field: Field
    check: Check
    createable: bool
    updateable: bool


class Shape:
    """The compiled form of an object for one writer: every lookup that a write needs is done here."""

    def __init__(self, thing: SObject, slots: dict[str, Slot]) -> None:
        self.thing = thing
        self.name = thing.name
        self.slots = slots
        fields = [slot.field for slot in slots.values()]
        self.fields = {field.name: field for field in fields}
        self.relationships = {field.relationship: field for field in fields if field.relationship}
        self.spellings = {name.lower(): name for name in (*slots, *self.relationships)}
        # a required field binds whoever writes, also one who may not see it
        self.required = tuple(field.name for field in thing.fields.values() if field.required)
        self.never_empty = frozenset(
            field.name for field in fields if not field.nillable and field.type != "boolean"
        )
        self.creating = {name: slot.check for name, slot in slots.items() if slot.createable}
        self.updating = {name: slot.check for name, slot in slots.items() if slot.updateable}
        self.unique = tuple(field for field in thing.fields.values() if field.unique)
        self.numbered = tuple(field.name for field in thing.fields.values() if field.auto_number)
        self.blanks = {field.name: False for field in thing.fields.values() if field.type == "boolean"}

    def field(self, name: str) -> Field | None:
        """Return a field by its name in any case."""
        return self.fields.get(name) or self.fields.get(self.spellings.get(name.lower(), ""))

    def relationship(self, name: str) -> Field | None:
        """Return the reference that a relationship's name (`Account`, `Parent__r`) stands for."""
        return self.relationships.get(name) or self.relationships.get(self.spellings.get(name.lower(), ""))


def shape_for_api(thing: SObject, profile: Profile, tables: dict[str, Table]) -> Shape:
    """Return `thing` as the integration user meets it."""
    slots = {}
    for name, field in thing.fields.items():
        if f"{thing.name}.{name}" in profile.hidden:
            continue
        locked = f"{thing.name}.{name}" in profile.read_only
        check = check_of(field, profile, tables)
        slots[name] = Slot(field, check, field.createable and not locked, field.updateable and not locked)
    return Shape(thing, slots)


def shape_for_people(thing: SObject, profile: Profile, tables: dict[str, Table]) -> Shape:
    """Return `thing` as a person at the screen meets it, or the org's own process for generated rows."""
    slots = {}
    for name, field in thing.fields.items():
        free = thing.generated and name not in STAMPS
        check = check_of(field, profile, tables)
        slots[name] = Slot(field, check, field.createable or free, field.updateable or free)
    return Shape(thing, slots)
