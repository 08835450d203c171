"""An org's fields, as a mapping has to get along with them (facts: Salesforce, section 5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Self

from streams.domain.command import Field, Figure, Items, Lookup, Stage
from streams.mapping.fact import Kind

TEXTS: Final = frozenset(
    {"string", "textarea", "phone", "email", "url", "picklist", "multipicklist", "combobox"}
    | {"encryptedstring", "reference", "id"}
)
NUMBERS: Final = frozenset({"double", "currency", "percent", "int", "long"})
TYPES: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.TEXT: TEXTS,
    Kind.DATE: frozenset({"date", "string", "textarea"}),
    Kind.NUMBER: NUMBERS,
    Kind.FLAG: frozenset({"boolean"}),
    Kind.PARENT: frozenset({"reference"}),
}
"""Which types of field take which kind of value; a number is not sent to a text field, nor the other way."""
WHOLE: Final = frozenset({"email", "url"})
"""Types whose text is left out when it is too long: half of it would be another one."""


@dataclass(frozen=True, slots=True)
class Column:
    """One field of one object."""

    name: str
    type: str
    writable: bool
    createable: bool
    """Whether a new row may be made with it, if only that."""
    demanded: bool
    """Whether no new row is taken without it."""
    length: int
    whole_digits: int
    """How many digits stand before the point; 0 where that is no matter."""
    values: frozenset[str]
    """What a picklist offers."""
    restricted: bool
    refers_to: tuple[str, ...]

    @classmethod
    def of(cls, field: Mapping[str, Any], *, made: bool = True) -> Self:
        """Return the column that a describe answer states; less is asked where rows are found, not `made`."""
        kind, createable = str(field.get("type")), bool(field.get("createable"))
        optional = field.get("nillable", True) or field.get("defaultedOnCreate") or kind == "boolean"
        offered = [it["value"] for it in field.get("picklistValues") or () if it.get("active", True)]
        return cls(
            field["name"],
            kind,
            (createable or not made) and bool(field.get("updateable")),
            createable,
            createable and not optional,
            int(field.get("length") or 0) if kind in TEXTS else 0,
            _whole_digits(field) if kind in NUMBERS else 0,
            frozenset(offered) if "picklist" in kind else frozenset(),
            # StageName says that it is not restricted, yet an unknown stage is never closed or won
            bool(field.get("restrictedPicklist")) or field["name"] == "StageName",
            tuple(field.get("referenceTo") or ()),
        )

    def takes(self, kind: Kind) -> bool:
        """Tell whether a value of that kind fits."""
        return self.type in TYPES[kind]

    def objections(self, value: Field) -> Iterator[tuple[str, str, bool]]:
        """Yield what is wrong with a value, the mend, and whether it stops the row."""
        match value:
            case str():
                yield from self._to_text(value)
            case Figure() if self.whole_digits and value.figure.adjusted() >= self.whole_digits:
                yield f"{self.whole_digits} digits before the point fit", "make the field larger", True
            case Figure() if self.type in {"int", "long"} and value.figure % 1:
                yield "takes whole numbers only", "use the filter round(0)", True
            case _:
                pass

    def _to_text(self, text: str) -> Iterator[tuple[str, str, bool]]:
        if self.values and text not in self.values:
            near = get_close_matches(text, self.values, 1)
            mend = f"did you mean {near[0]!r}?" if near else f"it offers {', '.join(sorted(self.values))}"
            yield f"does not offer {text!r}", mend, self.restricted
        if self.length and len(text.encode("utf-16-le")) // 2 > self.length:
            fate = "left out" if self.type in WHOLE else "cut"
            yield f"takes {self.length} characters: longer text is {fate}", "make the field longer", False


def _whole_digits(field: Mapping[str, Any]) -> int:
    if digits := int(field.get("digits") or 0):
        return digits
    return int(field.get("precision") or 0) - int(field.get("scale") or 0)


def kind_of(value: Field) -> Kind | None:
    """Return what kind of value a field got; None for nothing."""
    match value:
        case None | Items():
            return None
        case bool():
            return Kind.FLAG
        case Figure():
            return Kind.NUMBER
        case Lookup():
            return Kind.PARENT
        case str() | Stage():
            return Kind.TEXT
