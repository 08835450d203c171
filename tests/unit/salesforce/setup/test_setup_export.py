from xml.etree import ElementTree as ET

import pytest

from app.salesforce.setup.access import READ, STANDARD
from app.salesforce.setup.export import NAMESPACE, NOT_EXPORTED, SOURCE, exported, files, objects
from app.salesforce.setup.fields import CustomField, Kind

SET = f"{SOURCE}/permissionsets/FreshBooks_Connector.permissionset-meta.xml"
IN = {"m": NAMESPACE}


def parsed(path: str) -> ET.Element:
    return ET.fromstring(files("v66.0")[path])


def texts(element: ET.Element, path: str) -> list[str]:
    return [each.text or "" for each in element.findall(path, IN)]


def test_it_is_the_same_every_time() -> None:
    assert files("v66.0") == files("v66.0")
    assert '"sourceApiVersion": "66.0"' in files("v66.0")["sfdx-project.json"]


def test_there_is_a_file_for_each_field_the_set_and_the_project() -> None:
    paths = {
        f"{SOURCE}/objects/{field.sobject.value}/fields/{field.name}.field-meta.xml" for field in exported()
    }

    assert set(files("v66.0")) == {*paths, SET, "sfdx-project.json"}


@pytest.mark.parametrize("field", exported(), ids=lambda field: field.full_name)
def test_a_fields_file_says_all_that_is_declared(field: CustomField) -> None:
    root = parsed(f"{SOURCE}/objects/{field.sobject.value}/fields/{field.name}.field-meta.xml")

    told = {each.tag.removeprefix(f"{{{NAMESPACE}}}"): each.text for each in root}
    assert root.tag == f"{{{NAMESPACE}}}CustomField"
    assert told == {"fullName": field.name} | {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in field.metadata.items()
    }


def test_only_types_that_may_be_required_say_whether_they_are() -> None:
    """Salesforce: «Can not specify 'required' for a CustomField of type LongTextArea»."""
    says = {field.kind for field in exported() if "required" in field.metadata}

    assert says == {Kind.TEXT, Kind.EMAIL, Kind.DATE, Kind.NUMBER}


def test_the_permission_set_opens_every_declared_field_and_the_standard_ones() -> None:
    root = parsed(SET)

    wanted = [field.full_name for field in exported()]
    wanted += [
        f"{sobject.value}.{name}" for sobject in objects() for name in STANDARD[sobject] + READ[sobject]
    ]
    assert sorted(texts(root, "m:fieldPermissions/m:field")) == sorted(wanted)
    only_read = [
        one for one in root.findall("m:fieldPermissions", IN) if texts(one, "m:editable") == ["false"]
    ]
    assert [texts(one, "m:field") for one in only_read] == [
        ["Opportunity.Probability"],
        ["Order.OpportunityId"],
        ["Order.PoNumber"],
    ]
    assert texts(root, "m:objectPermissions/m:object") == sorted(objects())
    assert texts(root, "m:objectPermissions/m:allowDelete") == ["false"] * 4
    assert texts(root, "m:objectPermissions/m:allowCreate") == ["true"] * 3 + ["false"]
    assert texts(root, "m:label") == ["FreshBooks Connector"]
    assert texts(root, "m:userPermissions/m:name") == ["ApiEnabled"]


def test_names_that_salesforce_requires_of_everybody_are_not_in_the_set() -> None:
    listed = texts(parsed(SET), "m:fieldPermissions/m:field")

    assert not {"Account.Name", "Opportunity.StageName", "Opportunity.CloseDate", "Contact.LastName"} & {
        *listed
    }


def test_with_lines_asked_for_their_fields_are_there_and_products_may_be_made_but_not_all_be_seen() -> None:
    made = files("v66.0", lines=True)
    root = ET.fromstring(made[SET])

    assert made.keys() - files("v66.0").keys() == {
        f"{SOURCE}/objects/OpportunityLineItem/fields/FreshBooks_Line_Id__c.field-meta.xml",
        f"{SOURCE}/objects/Product2/fields/FreshBooks_Product_Id__c.field-meta.xml",
    }
    opened = {*texts(root, "m:fieldPermissions/m:field")}
    assert {"OpportunityLineItem.Description", "Opportunity.Pricebook2Id", "Product2.IsActive"} < opened
    assert len(exported(NOT_EXPORTED)) == len(exported()) + 2
    granted = {texts(one, "m:object")[0]: one for one in root.findall("m:objectPermissions", IN)}
    assert "OpportunityLineItem" not in granted, "lines have no permission of their own"
    assert texts(granted["Product2"], "m:allowCreate") == ["true"]
    assert texts(granted["Pricebook2"], "m:allowCreate") == ["false"]
    assert {texts(granted[it], "m:viewAllRecords")[0] for it in ("Product2", "Pricebook2")} == {"false"}
