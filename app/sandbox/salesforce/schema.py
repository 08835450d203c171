"""The objects of an org and their fields, declared as data in `objects/*.toml`, one layer over another."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any, Self

Declared = dict[str, Any]
"""Objects by name as the TOML files have them."""

ACCESS = {
    "system": (),
    "derived": ("nillable",),
    "required": ("createable", "updateable"),
    "optional": ("nillable", "createable", "updateable"),
    "defaulted": ("createable", "updateable", "defaulted"),
    "optional defaulted": ("nillable", "createable", "updateable", "defaulted"),
    "create only": ("nillable", "createable"),
    "required create only": ("createable",),
    "update only": ("nillable", "updateable"),
}
"""What each word in `access` grants, in the words of describe."""

TEXT = frozenset({"string", "textarea", "picklist", "email", "phone", "url"})
NUMBERS = frozenset({"currency", "double", "percent"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field as describe shows it."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    digits: int = 0
    nillable: bool = False
    createable: bool = False
    updateable: bool = False
    defaulted: bool = False
    external_id: bool = False
    id_lookup: bool = False
    unique: bool = False
    case_sensitive: bool = False
    name_field: bool = False
    auto_number: bool = False
    restricted: bool = False
    permissionable: bool = True
    values: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    relationship: str = ""
    cascade: bool = False
    restricts: bool = False
    """The row referred to is not to be deleted while this one refers to it."""
    children: str = ""

    @classmethod
    def declared(cls, name: str, said: Declared) -> Self:
        """Read a field from its line in a TOML file."""
        granted: Declared = dict.fromkeys(ACCESS[said["access"]], True)
        lists: Declared = {key: tuple(said[key]) for key in ("values", "refers_to") if key in said}
        whole: Declared = {key: value for key, value in said.items() if key != "access"}
        return cls(name=name, **(whole | granted | lists))

    @property
    def custom(self) -> bool:
        """Tell whether an admin added the field."""
        return self.name.endswith("__c")

    @property
    def required(self) -> bool:
        """Tell whether a new row needs a value from its creator."""
        return self.createable and not self.nillable and not self.defaulted

    @property
    def indexed(self) -> bool:
        """Tell whether the org keeps an index: for keys, names and references, not for who wrote a row."""
        refers = bool(self.refers_to) and "User" not in self.refers_to
        return self.unique or self.external_id or self.id_lookup or self.name_field or refers

    @property
    def folds(self) -> bool:
        """Tell whether values that differ in case only are the same."""
        return self.type in TEXT and not self.case_sensitive


@dataclass(frozen=True, slots=True)
class SObject:
    """One type of row with its fields by name."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: dict[str, Field]
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    generated: bool = False
    """Rows come from the org's own processes (an Invoice under Order Management)."""

    @classmethod
    def declared(cls, name: str, said: Declared) -> Self:
        """Read an object from its tables in the TOML files."""
        held = {key: Field.declared(key, line) for key, line in said["fields"].items()}
        return cls(name=name, **(said | {"fields": held}))

    def with_fields(self, changed: Iterable[Field]) -> "SObject":
        """Return the same object with some fields other than before."""
        return replace(self, fields=self.fields | {field.name: field for field in changed})


def layer(name: str) -> Declared:
    """Read one layer: a file of `objects/` by its stem."""
    return tomllib.loads((files(__package__) / "objects" / f"{name}.toml").read_text(encoding="utf-8"))


def overlaid(layers: Iterable[Declared]) -> Declared:
    """Lay each layer over the ones before: objects and fields are added, or replaced by name."""
    whole: Declared = {}
    for each in layers:
        for name, said in each.items():
            below = whole.get(name, {"fields": {}})
            whole[name] = below | said | {"fields": below["fields"] | said.get("fields", {})}
    return whole
