"""The same set-up as a folder of SFDX source, for admins who deploy by hand: the same text every time."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from app.salesforce.setup.access import (
    SET_DESCRIPTION,
    SET_LABEL,
    SET_NAME,
    needed,
    object_rights,
    rights,
)
from app.salesforce.setup.fields import DECLARED, CustomField
from app.salesforce.setup.objects import EVERY, LINED, Thing
from streams.domain.command import SObject

NAMESPACE: Final = "http://soap.sforce.com/2006/04/metadata"
SOURCE: Final = "force-app/main/default"

_OBJECT_WORDS: Final = {
    "allowCreate": "PermissionsCreate",
    "allowDelete": "PermissionsDelete",
    "allowEdit": "PermissionsEdit",
    "allowRead": "PermissionsRead",
    "modifyAllRecords": "PermissionsModifyAllRecords",
    "viewAllRecords": "PermissionsViewAllRecords",
}


NOT_EXPORTED: Final[frozenset[Thing]] = frozenset({SObject.INVOICE})
"""A deployment that names an object which the org lacks is refused, and few orgs have Invoices."""
UNASKED: Final = NOT_EXPORTED | frozenset(LINED)
"""What is left out unless line items are asked for."""


def objects(without: frozenset[Thing] = UNASKED) -> tuple[Thing, ...]:
    """Return the objects that are exported."""
    return tuple(each for each in EVERY if each not in without)


def exported(without: frozenset[Thing] = UNASKED) -> tuple[CustomField, ...]:
    """Return the fields that are exported."""
    return tuple(each for each in DECLARED if not {each.sobject, each.only_with} & without)


def files(api_version: str, *, lines: bool = False) -> Mapping[str, str]:
    """Return the text of every file by its path in the folder; `api_version` is written as v66.0.

    With `lines` an org that deploys them takes line items, too.
    """
    without = NOT_EXPORTED if lines else UNASKED
    project = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "name": "freshforce-setup",
        "namespace": "",
        "sourceApiVersion": api_version.removeprefix("v"),
    }
    made = {"sfdx-project.json": json.dumps(project, indent=2) + "\n"}
    for field in exported(without):
        folder = f"{SOURCE}/objects/{field.sobject.value}/fields"
        made[f"{folder}/{field.name}.field-meta.xml"] = _xml(_field(field))
    made[f"{SOURCE}/permissionsets/{SET_NAME}.permissionset-meta.xml"] = _xml(_permission_set(without))
    return made


def _field(field: CustomField) -> Element:
    root = Element("CustomField", xmlns=NAMESPACE)
    _add(root, "fullName", field.name)
    for name, value in sorted(field.metadata.items()):
        _add(root, name, value)
    return root


def _permission_set(without: frozenset[Thing]) -> Element:
    root = Element("PermissionSet", xmlns=NAMESPACE)
    _add(root, "description", SET_DESCRIPTION)
    for full_name, editable in sorted(_fields(without)):
        one = SubElement(root, "fieldPermissions")
        _add(one, "editable", editable)
        _add(one, "field", full_name)
        _add(one, "readable", value=True)
    _add(root, "hasActivationRequired", value=False)
    _add(root, "label", SET_LABEL)
    for sobject in sorted(each for each in objects(without) if each is not SObject.LINES):
        one = SubElement(root, "objectPermissions")
        for word, right in _OBJECT_WORDS.items():
            if word == "viewAllRecords":
                _add(one, "object", sobject.value)
            _add(one, word, object_rights(sobject)[right])
    api = SubElement(root, "userPermissions")
    _add(api, "enabled", value=True)
    _add(api, "name", "ApiEnabled")
    return root


def _fields(without: frozenset[Thing]) -> Iterator[tuple[str, bool]]:
    for sobject in objects(without):
        for name in needed(sobject, without):
            yield f"{sobject.value}.{name}", rights(sobject, name)["PermissionsEdit"]


def _add(parent: Element, name: str, value: Any) -> None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    SubElement(parent, name).text = text


def _xml(root: Element) -> str:
    indent(root, "    ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'
