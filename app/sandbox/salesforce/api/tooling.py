"""The Tooling API, as far as custom fields go: make one, look at one, find them by SOQL."""

from collections.abc import Callable
from http import HTTPStatus

from app.sandbox.salesforce.api.exchange import Answer, Ask, success
from app.sandbox.salesforce.changes import object_body
from app.sandbox.salesforce.ids import normal_id
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Code, Json, Problem, Refusal, not_found, refuse
from app.sandbox.salesforce.rows import Row, Table
from app.sandbox.salesforce.schema import Declared, Field, SObject, layer, overlaid
from app.sandbox.salesforce.setup.fields import declared, metadata_of
from app.sandbox.salesforce.setup.rows import API_NAME
from app.sandbox.salesforce.shape import Shape, shape_for_api
from app.sandbox.salesforce.soql.parser import parse
from app.sandbox.salesforce.soql.run import run
from app.sandbox.salesforce.soql.scope import Scope

CUSTOM = "__c"
MOST_NAME = 40
SETUP = ("PermissionSet", "ObjectPermissions", "FieldPermissions", "PermissionSetAssignment")


def create(org: Org, ask: Ask) -> Answer:
    """Make a custom field. Nobody sees it, not even its maker, until a permission set shows it."""
    _refuse_without(org, "CustomizeApplication")
    body = object_body(ask.json())
    owner, name = _named(org, body)
    metadata = object_body(body.get("Metadata"))
    line: Declared = {owner: {"fields": {name: declared(metadata)}}}
    if name in org.objects[owner].fields:
        told = f"There is already a field named {name.removesuffix(CUSTOM)} on {owner}."
        raise refuse(Code.DUPLICATE_DEVELOPER_NAME, told, "DeveloperName")
    org.described[f"{owner}.{name}"] = metadata
    hidden = org.profile.hidden | {f"{owner}.{name}"}
    org.reshape(org.profile.with_(added=overlaid([org.profile.added, line]), hidden=hidden))
    return Answer(HTTPStatus.CREATED, success(_id_of(org, owner, name)))


def read(org: Org, ask: Ask, text: str) -> Answer:
    """Show a custom field whole."""
    _refuse_without(org, "ViewSetup")
    row_id = normal_id(text)
    found = next((each for each in _fields(org) if _id_of(org, each[0], each[1].name) == row_id), None)
    if found is None:
        raise not_found()
    owner, field = found
    address = f"/services/data/{ask.version}/tooling/sobjects/CustomField/{row_id}"
    metadata = org.described.get(f"{owner}.{field.name}") or metadata_of(field)
    shown = _row(org, owner, field) | {"FullName": f"{owner}.{field.name}", "Metadata": metadata}
    return Answer(body={"attributes": {"type": "CustomField", "url": address}} | shown)


def query(org: Org, ask: Ask) -> Answer:
    """Answer SOQL on what is set up."""
    text = ask.query.get("q", "")
    asked = parse(text)
    found = run(asked, _scope(org, text), ask.version)
    rows = [found.show(row) for row in found.rows]
    return Answer(
        body={
            "size": len(rows), "totalSize": len(rows), "done": True, "queryLocator": None,
            "entityTypeName": asked.source, "records": [] if found.counted else rows,
        }
    )  # fmt: skip


def _scope(org: Org, text: str) -> Scope:
    thing = SObject.declared("CustomField", layer("tooling")["CustomField"])
    table = Table(thing)
    for owner, field in _fields(org):
        table.put(_row(org, owner, field))
    shapes = {name: org.api_shapes[name] for name in SETUP if name in org.api_shapes}
    entities = _entities(org)
    if "ViewSetup" not in org.profile.lacks:
        shapes["CustomField"] = _shape(org, thing)
        shapes["EntityDefinition"] = _shape(org, entities.thing)
    tables = {"CustomField": table, "EntityDefinition": entities}
    return Scope(shapes, org.tables | tables, org.clock.now().date(), text)


def _entities(org: Org) -> Table:
    """List the org's objects, whoever may see them."""
    table = Table(SObject.declared("EntityDefinition", layer("tooling")["EntityDefinition"]))
    for number, name in enumerate(org.objects):
        table.put({"Id": f"4ie{number:015d}", "QualifiedApiName": name})
    return table


def _shape(org: Org, thing: SObject) -> Shape:
    return shape_for_api(thing, org.profile, org.tables)


def _fields(org: Org) -> list[tuple[str, Field]]:
    return [
        (name, field)
        for name, thing in org.objects.items()
        for field in thing.fields.values()
        if field.custom
    ]


def _row(org: Org, owner: str, field: Field) -> Row:
    return {
        "Id": _id_of(org, owner, field.name),
        "DeveloperName": field.name.removesuffix(CUSTOM),
        "TableEnumOrId": owner,
        "NamespacePrefix": None,
    }


def _id_of(org: Org, owner: str, name: str) -> str:
    key = f"{owner}.{name}"
    if key not in org.field_ids:
        org.field_ids[key] = org.mint.new("00N")
    return org.field_ids[key]


def _named(org: Org, body: Json) -> tuple[str, str]:
    """Return object and field, told as `FullName` or as `TableEnumOrId` with `DeveloperName`."""
    full = str(body.get("FullName") or f"{body.get('TableEnumOrId')}.{body.get('DeveloperName')}{CUSTOM}")
    owner, _, name = full.partition(".")
    if owner not in org.objects:
        told = f"Entity Enumeration Or ID: bad value for restricted picklist field: {owner}"
        raise refuse(Code.INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, told, "TableEnumOrId")
    plain = name.removesuffix(CUSTOM)
    if plain == name or not API_NAME.fullmatch(plain) or len(plain) > MOST_NAME:
        raise refuse(Code.INVALID_INPUT, f"The field name is not to be: {name}", "DeveloperName")
    return owner, name


def _refuse_without(org: Org, right: str) -> None:
    if right in org.profile.lacks:
        problem = Problem(Code.INSUFFICIENT_ACCESS, "insufficient access rights on object id")
        raise Refusal(problem, status=HTTPStatus.FORBIDDEN, whole=True)


TOOLING: dict[str, dict[str, Callable[..., Answer]]] = {
    "tooling/query": {"GET": query},
    "tooling/sobjects/CustomField": {"POST": create},
    "tooling/sobjects/CustomField/{id}": {"GET": read},
}
"""Which function answers which path and method here."""
