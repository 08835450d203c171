"""A refusal as Salesforce words it: one or several problems, each with a code, a message and fields.

A whole answer calls the code `errorCode`, the result of a single row calls it `statusCode`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

Json = dict[str, Any]


UNEXPECTED = (
    "An unexpected error occurred. Please include this ErrorId if you contact support: "
    "1234567890-12345 (-1234567890)"
)
"""What a real org says of its own failures."""


class Code(StrEnum):
    """The vendor's own codes; the names say what is meant."""

    ALL_OR_NONE_OPERATION_ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY = "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    DELETE_FAILED = "DELETE_FAILED"
    DUPLICATES_DETECTED = "DUPLICATES_DETECTED"
    DUPLICATE_EXTERNAL_ID = "DUPLICATE_EXTERNAL_ID"
    DUPLICATE_VALUE = "DUPLICATE_VALUE"
    DUPLICATE_DEVELOPER_NAME = "DUPLICATE_DEVELOPER_NAME"
    ENTITY_IS_DELETED = "ENTITY_IS_DELETED"
    EXCEEDED_ID_LIMIT = "EXCEEDED_ID_LIMIT"
    FAILED_ACTIVATION = "FAILED_ACTIVATION"
    FIELD_INTEGRITY_EXCEPTION = "FIELD_INTEGRITY_EXCEPTION"
    INSUFFICIENT_ACCESS = "INSUFFICIENT_ACCESS"
    INSUFFICIENT_ACCESS_OR_READONLY = "INSUFFICIENT_ACCESS_OR_READONLY"
    INVALID_CROSS_REFERENCE_KEY = "INVALID_CROSS_REFERENCE_KEY"
    INVALID_EMAIL_ADDRESS = "INVALID_EMAIL_ADDRESS"
    INVALID_FIELD = "INVALID_FIELD"
    INVALID_FIELD_FOR_INSERT_UPDATE = "INVALID_FIELD_FOR_INSERT_UPDATE"
    INVALID_INPUT = "INVALID_INPUT"
    INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    INVALID_QUERY_FILTER_OPERATOR = "INVALID_QUERY_FILTER_OPERATOR"
    INVALID_QUERY_LOCATOR = "INVALID_QUERY_LOCATOR"
    INVALID_SESSION_ID = "INVALID_SESSION_ID"
    INVALID_TYPE = "INVALID_TYPE"
    JSON_PARSER_ERROR = "JSON_PARSER_ERROR"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"
    MALFORMED_ID = "MALFORMED_ID"
    MALFORMED_QUERY = "MALFORMED_QUERY"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    MISSING_ARGUMENT = "MISSING_ARGUMENT"
    NOT_FOUND = "NOT_FOUND"
    NUMBER_OUTSIDE_VALID_RANGE = "NUMBER_OUTSIDE_VALID_RANGE"
    PROCESSING_HALTED = "PROCESSING_HALTED"
    REQUEST_LIMIT_EXCEEDED = "REQUEST_LIMIT_EXCEEDED"
    REQUIRED_FIELD_MISSING = "REQUIRED_FIELD_MISSING"
    SERVER_UNAVAILABLE = "SERVER_UNAVAILABLE"
    STANDARD_PRICE_NOT_DEFINED = "STANDARD_PRICE_NOT_DEFINED"
    STRING_TOO_LONG = "STRING_TOO_LONG"
    UNABLE_TO_LOCK_ROW = "UNABLE_TO_LOCK_ROW"
    UNKNOWN_EXCEPTION = "UNKNOWN_EXCEPTION"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `fields` None: the error is about no row (then the key is left out)."""

    code: str
    message: str
    fields: tuple[str, ...] | None = None
    more: Json = field(default_factory=dict)

    def as_error(self) -> Json:
        """Word it as part of a refused request."""
        said: Json = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            said["fields"] = list(self.fields)
        return said | self.more

    def as_result(self) -> Json:
        """Word it as part of a refused row among others."""
        said = {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}
        return said | self.more


class Refusal(Exception):
    """The org will not do what was asked. `whole`: one such row refuses the whole request."""

    def __init__(self, *problems: Problem, status: int = HTTPStatus.BAD_REQUEST, whole: bool = False) -> None:
        super().__init__(" ".join(problem.code for problem in problems))
        self.problems = problems
        self.status = int(status)
        self.whole = whole

    def errors(self) -> list[Json]:
        """Return the body of a refused request."""
        return [problem.as_error() for problem in self.problems]

    def result(self) -> Json:
        """Return the result of a refused row."""
        return {"success": False, "errors": [problem.as_result() for problem in self.problems]}


def refuse(code: str, message: str, *fields: str) -> Refusal:
    """Return a refusal about a row (status 400)."""
    return Refusal(Problem(code, message, fields))


def bad_request(code: str, message: str) -> Refusal:
    """Return a refusal of the request itself (status 400)."""
    return Refusal(Problem(code, message), whole=True)


def refuse_nested(name: str, value: Any) -> None:
    """Let a value pass that is a plain one.

    Raises:
        Refusal: it is an object or a list, which no key can be (JSON_PARSER_ERROR).
    """
    if isinstance(value, dict | list):
        found = "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
        raise bad_request(Code.JSON_PARSER_ERROR, f"Cannot deserialize the value of {name} from {found}")


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    """Return the refusal for an unknown path, type or row."""
    return Refusal(Problem(Code.NOT_FOUND, message), status=HTTPStatus.NOT_FOUND, whole=True)


def entity_is_deleted() -> Refusal:
    """Return the refusal for a row in the recycle bin."""
    problem = Problem(Code.ENTITY_IS_DELETED, "entity is deleted", ())
    return Refusal(problem, status=HTTPStatus.NOT_FOUND)


def no_such_column(field_name: str, type_name: str, *, whole: bool) -> Refusal:
    """Return the refusal for a field that does not exist or that the user may not see."""
    problem = Problem(Code.INVALID_FIELD, f"No such column '{field_name}' on sobject of type {type_name}", ())
    return Refusal(problem, whole=whole)


def not_writable(*fields: str) -> Refusal:
    """Return the refusal for fields that the user may not write."""
    told = (
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this "
        "field and verify that it is read/write for your profile or permission set."
    )
    return refuse(Code.INVALID_FIELD_FOR_INSERT_UPDATE, told, *fields)
