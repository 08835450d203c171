"""Rows that people or the org make and that we only find: their shelves are updated by Id, never upserted."""

from app.salesforce.found.accounts import Accounts
from app.salesforce.found.finder import Finder
from app.salesforce.found.invoices import Invoices
from app.salesforce.found.lines import Lines
from app.salesforce.found.orders import Orders

__all__ = ["Accounts", "Finder", "Invoices", "Lines", "Orders"]
