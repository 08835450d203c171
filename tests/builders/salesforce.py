"""Commands, and answers as Salesforce words them; what a test does not name has a plain default."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

from app.salesforce.wire.wire import Reply
from streams.domain.command import Command, Field, Figure, Lookup, Phase, SObject, Stage
from streams.domain.connection import Connection
from streams.domain.identity import ClientId, CommandId, ConnectionName, RecordId, digest

ACME = ConnectionName("acme")
A_MORNING = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

KEYS = {
    SObject.ACCOUNT: "FreshBooks_Client_Id__c",
    SObject.CONTACT: "FreshBooks_Contact_Id__c",
    SObject.OPPORTUNITY: "FreshBooks_Invoice_Id__c",
    SObject.ORDER: "Opportunity.FreshBooks_Invoice_Id__c",
    SObject.INVOICE: "InvoiceNumber",
    SObject.LINES: "Opportunity.FreshBooks_Invoice_Id__c",
}


def a_connection(name: str = ACME, **given: Any) -> Connection:
    settings: dict[str, Any] = {
        "salesforce_domain": "https://acme.my.salesforce.com",
        "api_share": 1.0,
    } | given
    return Connection(name=ConnectionName(name), **settings)


def a_command(  # noqa: PLR0913 - a test names only what it is about
    sobject: SObject = SObject.ACCOUNT,
    external_id: str = "ACC1:1",
    *,
    client: int = 1,
    version: int = 1,
    connection: str = ACME,
    fields: dict[str, Field] | None = None,
    defaults: dict[str, Field] | None = None,
) -> Command:
    held: dict[str, Field] = {"Name": f"Row {external_id}"} if fields is None else fields
    content = digest(repr(sorted(held.items())))
    return Command(
        id=CommandId(digest(connection, sobject, external_id, str(version), content)),
        connection=ConnectionName(connection),
        client=ClientId(client),
        sobject=sobject,
        external_id_field=KEYS[sobject],
        external_id=external_id,
        version=version,
        content=content,
        mapping="mapping-1",
        cause=RecordId("record-1"),
        read_at=A_MORNING,
        fields=held,
        defaults=defaults or {},
    )


def an_account(
    client: int = 1,
    name: str = "Maple & Sons",
    *,
    version: int = 1,
    connection: str = ACME,
    defaults: dict[str, Field] | None = None,
) -> Command:
    fields: dict[str, Field] = {"Name": name}
    return a_command(
        external_id=f"ACC1:{client}",
        client=client,
        version=version,
        connection=connection,
        fields=fields,
        defaults=defaults,
    )


STAGES: dict[Phase, str] = {
    "draft": "Proposal/Price Quote",
    "invoiced": "Negotiation/Review",
    "won": "Closed Won",
    "lost": "Closed Lost",
}


def a_sale(  # noqa: PLR0913 - a test names only what it is about
    phase: Phase = "invoiced",
    invoice: int = 10,
    *,
    version: int = 1,
    name: str = "",
    amount: str = "12.50",
    defaults: dict[str, Field] | None = None,
) -> Command:
    """Return the state of an Opportunity as the mapping has it: its stage says how far the sale is."""
    plain = an_opportunity(invoice, amount=amount)
    stage = Stage(phase=phase, name=name or STAGES[phase])
    return a_command(
        SObject.OPPORTUNITY,
        plain.external_id,
        version=version,
        fields={**plain.fields, "StageName": stage},
        defaults=defaults,
    )


def an_opportunity(
    invoice: int = 10, client: int = 1, amount: str = "12.50", *, version: int = 1, connection: str = ACME
) -> Command:
    fields: dict[str, Field] = {
        "Name": f"Invoice {invoice}",
        "StageName": "Negotiation/Review",
        "CloseDate": "2026-03-31",
        "Amount": Figure(figure=Decimal(amount)),
        "Account": Lookup(external_id_field=KEYS[SObject.ACCOUNT], external_id=f"ACC1:{client}"),
    }
    return a_command(
        SObject.OPPORTUNITY,
        f"ACC1:{invoice}",
        client=client,
        version=version,
        connection=connection,
        fields=fields,
    )


def an_order(
    invoice: int = 10, amount: str | None = "12.50", *, client: int = 1, version: int = 1, po_number: str = ""
) -> Command:
    sale = Lookup(external_id_field=KEYS[SObject.OPPORTUNITY], external_id=f"ACC1:{invoice}")
    money = None if amount is None else Figure(figure=Decimal(amount))
    fields: dict[str, Field] = {
        "Opportunity": sale,
        "FreshBooks_Invoice_Amount__c": money,
        "FreshBooks_Currency__c": "CAD",
    }
    if po_number:
        fields["PoNumber"] = po_number
    made = a_command(SObject.ORDER, f"ACC1:{invoice}", client=client, version=version, fields=fields)
    return made.model_copy(update={"external_id_field": "PoNumber"}) if po_number else made


def a_link(
    invoice: int = 10, number: str = "", *, paid: bool = True, client: int = 1, version: int = 1
) -> Command:
    sale = Lookup(external_id_field=KEYS[SObject.OPPORTUNITY], external_id=f"ACC1:{invoice}")
    fields: dict[str, Field] = {"Opportunity": sale, "FreshBooks_Salesforce_Invoice__c": paid or None}
    if number:
        fields["InvoiceNumber"] = number
    return a_command(SObject.INVOICE, f"ACC1:{invoice}", client=client, version=version, fields=fields)


def a_contact(person: int = 5, client: int = 1, *, version: int = 1) -> Command:
    parent = Lookup(external_id_field=KEYS[SObject.ACCOUNT], external_id=f"ACC1:{client}")
    fields: dict[str, Field] = {"LastName": f"Person {person}", "Account": parent}
    return a_command(SObject.CONTACT, f"ACC1:{person}", client=client, version=version, fields=fields)


def a_reply(status: int, said: Any = None, *, page: str = "", **headers: str) -> Reply:
    """Return an answer with the JSON of `said`, or with the text of `page`."""
    body = page.encode() if page else orjson.dumps(said)
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def an_error(code: str, message: str = "", *fields: str) -> list[dict[str, Any]]:
    """Return the array that Salesforce refuses a whole request with."""
    return [{"message": message, "errorCode": code, "fields": list(fields)}]


def a_failed_row(code: str, message: str = "", *fields: str, **more: Any) -> dict[str, Any]:
    """Return one row's failure in the answer to a collections upsert."""
    error = {"statusCode": code, "message": message, "fields": list(fields), **more}
    return {"success": False, "errors": [error]}


def described(sobject: str, *fields: dict[str, Any]) -> dict[str, Any]:
    return {"name": sobject, "createable": True, "updateable": True, "fields": list(fields)}


def a_field(name: str, kind: str = "string", length: int = 0, **more: Any) -> dict[str, Any]:
    plain = {"createable": True, "updateable": True, "nillable": True, "externalId": False}
    return {"name": name, "type": kind, "length": length, **plain, **more}
