"""What the org has, as describe tells it: the lists, the objects, their fields."""

from http import HTTPStatus

from app.sandbox.salesforce.api.exchange import Answer, Ask
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.references import shape_of
from app.sandbox.salesforce.refusal import Json
from app.sandbox.salesforce.schema import TEXT, Field, SObject
from app.sandbox.salesforce.setup.compounds import compound_of, needs_permission
from app.sandbox.salesforce.shape import Shape, Slot

SOAP_TYPES = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int", "date": "xsd:date",
    "datetime": "xsd:dateTime", "currency": "xsd:double", "double": "xsd:double", "percent": "xsd:double",
}  # fmt: skip
BYTES_PER_LETTER = 3
ID_LENGTH = 18
MOST_FILTERED = 255


def list_objects(org: Org, ask: Ask) -> Answer:
    """List the objects that the user may see."""
    listed = [_summary(org, shape.thing, ask.version) for shape in org.api_shapes.values()]
    return Answer(body={"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def basic(org: Org, ask: Ask, type_name: str) -> Answer:
    """Say the little that an object's own address says."""
    shape = shape_of(type_name, org.api_shapes)
    return Answer(body={"objectDescribe": _summary(org, shape.thing, ask.version), "recentItems": []})


def describe(org: Org, ask: Ask, type_name: str) -> Answer:
    """Say everything about an object; nothing when it is as the asker knows it (`If-Modified-Since`)."""
    shape = shape_of(type_name, org.api_shapes)
    headers = {"Last-Modified": org.shaped_at}
    if ask.headers.get("If-Modified-Since") == org.shaped_at:
        return Answer(HTTPStatus.NOT_MODIFIED, headers=headers)
    whole = _summary(org, shape.thing, ask.version)
    whole["fields"] = [_field(slot) for slot in shape.slots.values()]
    whole["childRelationships"] = _children(org, shape.thing)
    whole["recordTypeInfos"] = [_master_record_type(shape, ask.version)]
    return Answer(body=whole, headers=headers)


def _summary(org: Org, thing: SObject, version: str) -> Json:
    address = f"/services/data/{version}/sobjects/{thing.name}"
    createable = thing.createable and thing.name not in org.seen.cannot_create
    return {
        "activateable": False, "createable": createable, "custom": thing.name.endswith("__c"),
        "customSetting": False, "deletable": thing.deletable, "deprecatedAndHidden": False,
        "hasSubtypes": False, "isSubtype": False, "keyPrefix": thing.prefix, "label": thing.label,
        "labelPlural": thing.plural, "layoutable": True, "mergeable": False, "mruEnabled": True,
        "name": thing.name, "queryable": True, "replicateable": True, "retrieveable": True,
        "searchable": True, "triggerable": True, "undeletable": thing.deletable,
        "updateable": thing.updateable and thing.name not in org.seen.cannot_edit,
        "urls": {"sobject": address, "describe": f"{address}/describe", "rowTemplate": f"{address}/{{ID}}"},
    }  # fmt: skip


def _field(slot: Slot) -> Json:
    field = slot.field
    length = ID_LENGTH if field.type in {"id", "reference"} else field.length
    return {
        "name": field.name, "label": field.label, "type": field.type,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "length": length, "byteLength": length * BYTES_PER_LETTER if field.type in TEXT else length,
        "precision": field.precision, "scale": field.scale, "digits": field.digits,
        "nillable": field.nillable, "createable": slot.createable, "updateable": slot.updateable,
        "defaultedOnCreate": _defaulted(field), "externalId": field.external_id,
        "idLookup": field.id_lookup, "unique": field.unique, "caseSensitive": field.case_sensitive,
        "nameField": field.name_field, "autoNumber": field.auto_number, "custom": field.custom,
        "calculated": False, "calculatedFormula": None, "permissionable": needs_permission(field),
        "restrictedPicklist": field.restricted, "picklistValues": _values(field),
        "referenceTo": list(field.refers_to), "relationshipName": field.relationship or None,
        "polymorphicForeignKey": len(field.refers_to) > 1, "cascadeDelete": False, "restrictedDelete": False,
        "defaultValue": False if field.type == "boolean" else None, "defaultValueFormula": None,
        "dependentPicklist": False, "controllerName": None, "deprecatedAndHidden": False, "encrypted": False,
        "filterable": field.type != "textarea" or field.length <= MOST_FILTERED,
        "groupable": field.type in TEXT, "sortable": True, "htmlFormatted": False, "inlineHelpText": None,
        "compoundFieldName": compound_of(field.name),
    }  # fmt: skip


def _defaulted(field: Field) -> bool:
    system = field.type in {"id", "boolean"} or field.name.startswith(
        ("Created", "LastModified", "SystemMod")
    )
    return field.defaulted or (system and not field.nillable)


def _values(field: Field) -> list[Json]:
    active = {"active": True, "defaultValue": False, "validFor": None}
    return [active | {"label": value, "value": value} for value in field.values]


def _children(org: Org, thing: SObject) -> list[Json]:
    return [
        {
            "cascadeDelete": field.cascade, "childSObject": child.name, "deprecatedAndHidden": False,
            "field": field.name, "junctionIdListNames": [], "junctionReferenceTo": [],
            "relationshipName": field.children or None, "restrictedDelete": field.restricts,
        }
        for child in org.objects.values()
        for field in child.fields.values()
        if thing.name in field.refers_to
    ]  # fmt: skip


def _master_record_type(shape: Shape, version: str) -> Json:
    layout = f"/services/data/{version}/sobjects/{shape.name}/describe/layouts/012000000000000AAA"
    return {
        "active": True, "available": True, "defaultRecordTypeMapping": True, "developerName": "Master",
        "master": True, "name": "Master", "recordTypeId": "012000000000000AAA", "urls": {"layout": layout},
    }  # fmt: skip
