"""A client's person as a Contact."""

from streams.domain.command import Field, Lookup, SObject
from streams.domain.identity import ClientId
from streams.ledger.facts import ClientFacts
from streams.mapping.row import ACCOUNT_KEY, CONTACT_KEY, Row
from streams.mapping.rules import Rules


def contact(rules: Rules, client: ClientId, facts: ClientFacts) -> Row | None:
    """Return the Contact of a client's person; None when FreshBooks knows an organization only."""
    last_name = facts.last_name or facts.first_name or facts.email
    if not last_name:
        return None
    fields: dict[str, Field] = {
        "LastName": last_name,
        "FirstName": (facts.first_name or None) if facts.last_name else None,
        "Email": facts.email or None,
        "Phone": facts.business_phone or None,
        "MobilePhone": facts.mobile_phone or None,
        "HomePhone": facts.home_phone or None,
        "Account": Lookup(external_id_field=ACCOUNT_KEY, external_id=rules.external_id(client)),
    }
    return Row(SObject.CONTACT, CONTACT_KEY, rules.external_id(client), fields)
