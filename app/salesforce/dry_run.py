"""Would the org take a row of ours? It is asked with a row that cannot stay.

Two rows go in one call with `allOrNone`: a made-up one as the mapping makes it, and one that no org can take
(no name, a key longer than any key may be). So Salesforce checks the first with everything that an admin has
set up (required fields, validation rules, triggers, duplicate rules), says what it thinks of it, and rolls
both back.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from app.salesforce.answers.refusals import of_reply, of_row
from app.salesforce.api.client import Client
from app.salesforce.checkup import Finding, not_well
from app.salesforce.ours import KEYS
from app.salesforce.shape.describe import shape_of
from app.salesforce.shape.fitting import fitted
from app.salesforce.shape.misfit import Misfit
from app.salesforce.shape.purse import purse_of
from app.salesforce.wire.wire import Reply
from streams.domain.command import Field, SObject
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError
from streams.mapping.gallery import subjects, wanted
from streams.mapping.rules import Rules

WHAT: Final = "Salesforce dry run"
TOO_LONG: Final = 300
"""Characters; a text key has 255 at most."""
_ROLLED_BACK: Final = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


async def dry_run(client: Client, connection: Connection, nonce: str) -> Finding:
    """Return what the org says of a new Account; `nonce` makes a key that no row has. Nothing stays."""
    key = KEYS[SObject.ACCOUNT]
    try:
        shape = shape_of(await client.describe(SObject.ACCOUNT.value))
        row: dict[str, Any] = {"attributes": {"type": SObject.ACCOUNT.value}}
        fitted(example(connection), shape.for_new, row, set(), purse_of(connection))
        hopeless = {"attributes": row["attributes"], key: "x" * TOO_LONG}
        rows = [row | {key: f"dry-run:{nonce}"}, hopeless]
        reply = await client.upsert(
            SObject.ACCOUNT.value, key, orjson.dumps({"allOrNone": True, "records": rows})
        )
        return _judged(reply, connection.name)
    except Misfit as misfit:
        says = f"a new Account has no room for {misfit.field} ({misfit.code})"
        mend = f"freshforce mapping check {connection.name}"
        return Finding(WHAT, well=False, says=says, mend=mend)
    except FreshforceError as error:
        return not_well(WHAT, error)


def example(connection: Connection) -> Mapping[str, Field]:
    """Return the Account of a made-up client, as the connection's mapping makes it."""
    rules = Rules.of(connection)
    sheet = next(each for each in rules.mapping.sheets if each.sobject is SObject.ACCOUNT)
    for _, subject in subjects(rules.mapping, sheet, rules.terms):
        if wanted(rules.mapping, sheet, subject):
            return {**sheet.defaults(subject), **sheet.fields(subject)}
    return {}


def _judged(reply: Reply, connection: str) -> Finding:
    """Return what an answer to both rows says of the first.

    Raises:
        FreshforceError: the request as a whole was refused.
    """
    if not reply.ok:
        raise of_reply(reply).at(connection).error()
    match reply.json():
        case [{"success": True, "id": stayed}, *_]:
            says = f"the org kept a row that it should have rolled back: Account {stayed}"
            return Finding(WHAT, well=False, says=says, mend="delete it, and report this")
        case [{"errors": [{"statusCode": code}, *_]}, _] if code == _ROLLED_BACK:
            return Finding(WHAT, well=True, says="a new Account would be taken; it was rolled back")
        case [{"errors": [*errors]}, _]:
            refused = of_row(errors).at(connection)
            says = f"a new Account would be refused: {refused.reason}"
            return Finding(WHAT, well=False, says=says, mend=refused.mends or refused.code)
        case _:
            return Finding(WHAT, well=False, says="an answer that does not add up", mend="try again later")
