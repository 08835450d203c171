"""Read several rows by id in one call: `/composite/sobjects/{type}`."""

from collections.abc import Sequence

from app.sandbox.salesforce.api.exchange import Answer, Ask
from app.sandbox.salesforce.changes import object_body
from app.sandbox.salesforce.ids import normal_id
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.references import shape_of
from app.sandbox.salesforce.refusal import Code, Json, bad_request, no_such_column
from app.sandbox.salesforce.schema import Field
from app.sandbox.salesforce.shape import Shape
from app.sandbox.salesforce.soql.render import attributes

MOST_IDS = 2000


def read_many(org: Org, ask: Ask, type_name: str) -> Answer:
    """Show rows by id; a row that is not there is null in its place."""
    shape = shape_of(type_name, org.api_shapes)
    wanted = object_body(ask.json()) if ask.method == "POST" else _in_query(ask)
    ids, fields = _names(wanted, "ids"), [_field(shape, name) for name in _names(wanted, "fields")]
    if len(ids) > MOST_IDS:
        raise bad_request(
            Code.EXCEEDED_ID_LIMIT, f"record limit reached. cannot submit more than {MOST_IDS} records"
        )
    return Answer(body=[_shown(org, ask, shape, fields, normal_id(each)) for each in ids])


def _names(wanted: Json, which: str) -> list[str]:
    names = wanted.get(which, [])
    if isinstance(names, list) and all(isinstance(each, str) for each in names):
        return names
    raise bad_request(Code.JSON_PARSER_ERROR, f"The request needs a list of {which}.")


def _in_query(ask: Ask) -> Json:
    return {name: [each for each in ask.query.get(name, "").split(",") if each] for name in ("ids", "fields")}


def _field(shape: Shape, name: str) -> Field:
    field = shape.field(name)
    if field is None:
        raise no_such_column(name, shape.name, whole=True)
    return field


def _shown(org: Org, ask: Ask, shape: Shape, fields: Sequence[Field], row_id: str | None) -> Json | None:
    row = org.tables[shape.name].get(row_id or "")
    if row is None:
        return None
    shown: Json = {"attributes": attributes(shape.name, row["Id"], ask.version)}
    return shown | {field.name: row.get(field.name) for field in fields}
