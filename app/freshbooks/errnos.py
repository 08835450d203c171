"""FreshBooks' error numbers in a person's words (facts, section 5)."""

from typing import Final

UNKNOWN: Final = frozenset({1011, 1012})
"""DeletedResource, UnknownResource: the object is not there."""

CLOSED: Final = frozenset({1003, 1038, 1042, 12001, 31001, 41001})
"""AccessDenied and its kin: role, plan or account, not the request."""

PASSING: Final = frozenset({409, 500, *range(1100, 1109)})
"""Being modified, or FreshBooks' own trouble."""

_NAMES: Final = {
    409: "Conflict",
    500: "FreshAlchemyUnexpected",
    1001: "RequiredField",
    1003: "AccessDenied",
    1004: "InvalidValue",
    1005: "ParseError",
    1006: "MappingError",
    1007: "DateRangeBackwards",
    1008: "DateRangeRequired",
    1009: "DuplicateGroupBy",
    1010: "UnknownGroupBy",
    1011: "DeletedResource",
    1012: "UnknownResource",
    1013: "InvalidPerPage",
    1014: "InvalidPage",
    1015: "MappingNumber",
    1016: "MappingDateTime",
    1017: "MaxLength",
    1018: "InvalidPercent",
    1019: "ItemDuplicateTax",
    1023: "FilterDate",
    1024: "FilterNumber",
    1025: "InvalidNegative",
    1026: "DuplicateTax",
    1027: "InvalidCharacter",
    1028: "LessThanOne",
    1029: "DuplicateValue",
    1030: "InvalidRange",
    1031: "MappingBoolean",
    1032: "FilterBoolean",
    1033: "MappingDate",
    1034: "FilterList",
    1035: "MappingType",
    1036: "UnicodeOutOfRange",
    1037: "FilterScalar",
    1038: "WriteAccessDenied",
    1039: "ValuesBackwards",
    1040: "InvalidTotal",
    1042: "InactiveAccount",
}


def named(errno: int) -> str:
    """Return the number with FreshBooks' name for it, where it has one."""
    name = _NAMES.get(errno, "")
    return f"{errno} {name}".rstrip()
