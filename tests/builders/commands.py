"""Commands, told by what matters in a test."""

from datetime import UTC, datetime

from streams.domain.command import Command, Field, Lookup, SObject
from streams.domain.identity import ClientId, CommandId, ConnectionName, RecordId, digest
from streams.mapping.row import (
    ACCOUNT_KEY,
    BY_NUMBER,
    BY_OPPORTUNITY,
    CONTACT_KEY,
    OPPORTUNITY_KEY,
    Row,
    content,
)

ACME = ConnectionName("acme")
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)

KEYS = {
    SObject.ACCOUNT: ACCOUNT_KEY,
    SObject.CONTACT: CONTACT_KEY,
    SObject.OPPORTUNITY: OPPORTUNITY_KEY,
    SObject.ORDER: BY_OPPORTUNITY,
    SObject.INVOICE: BY_NUMBER,
    SObject.LINES: BY_OPPORTUNITY,
}


def a_command(  # noqa: PLR0913  # all have defaults; a test names what matters
    sobject: SObject = SObject.ACCOUNT,
    number: int = 7,
    *,
    version: int = 1,
    says: str = "Acme",
    client: int = 7,
    cause: str = "",
    connection: ConnectionName = ACME,
) -> Command:
    """Return a command whose content is `says`; a child refers to its client's Account."""
    external_id = f"p7rQW5:{number}"
    fields = _fields(sobject, says, client, number)
    hashed = content(Row(sobject, KEYS[sobject], external_id, fields))
    return Command(
        id=CommandId(digest("command", connection, sobject.value, external_id, str(version), hashed, cause)),
        connection=connection,
        client=ClientId(client),
        sobject=sobject,
        external_id_field=KEYS[sobject],
        external_id=external_id,
        version=version,
        content=hashed,
        mapping="test",
        cause=RecordId(digest("record", str(version), cause)),
        read_at=MORNING,
        fields=fields,
    )


def _fields(sobject: SObject, says: str, client: int, number: int) -> dict[str, Field]:
    account = Lookup(external_id_field=ACCOUNT_KEY, external_id=f"p7rQW5:{client}")
    match sobject:
        case SObject.ACCOUNT:
            return {"Name": says}
        case SObject.CONTACT:
            return {"LastName": says, "Account": account}
        case SObject.OPPORTUNITY:
            fields: dict[str, Field] = {"Name": says, "StageName": "Closed Won", "CloseDate": "2026-11-02"}
            return {**fields, "Account": account}
        case SObject.ORDER | SObject.INVOICE | SObject.LINES:
            parent = Lookup(external_id_field=OPPORTUNITY_KEY, external_id=f"p7rQW5:{number}")
            return {"Name": says, "Opportunity": parent}
