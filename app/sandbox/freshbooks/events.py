"""Event names that a callback may be registered for."""

NOUNS = (
    "bill",
    "bill_vendor",
    "category",
    "client",
    "credit_note",
    "estimate",
    "expense",
    "invoice",
    "item",
    "payment",
    "project",
    "recurring",
    "service",
    "tax",
    "time_entry",
)
VERBS = ("create", "update", "delete")
SENT_BY_EMAIL = ("invoice", "estimate")

EVENTS = frozenset(
    [*NOUNS, *(f"{noun}.{verb}" for noun in NOUNS for verb in VERBS)]
    + [f"{noun}.sendByEmail" for noun in SENT_BY_EMAIL]
)
"""Bare nouns mean every verb."""

SCOPE_OF_NOUN = {
    "bill": "bills",
    "bill_vendor": "bill_vendors",
    "category": "expenses",
    "client": "clients",
    "credit_note": "credit_notes",
    "estimate": "estimates",
    "expense": "expenses",
    "invoice": "invoices",
    "item": "billable_items",
    "payment": "payments",
    "project": "projects",
    "recurring": "invoices",
    "service": "projects",
    "tax": "taxes",
    "time_entry": "time_entries",
}
"""A callback needs the scope to read what its event is about."""
