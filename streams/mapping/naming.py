"""What things are called in Salesforce, where FreshBooks may have no name for them."""

from streams.domain.identity import ClientId


def account_name(name: str, client: ClientId) -> str:
    """Return a name for a client's Account, which Salesforce requires."""
    return name or f"FreshBooks client {client}"


def opportunity_name(number: str, name: str) -> str:
    """Return a name for an invoice's Opportunity: the number first, so that a cut never takes it."""
    invoice = f"Invoice {number}" if number else "Invoice"
    return f"{invoice} - {name}" if name else invoice
