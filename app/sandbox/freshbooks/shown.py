"""Rendering: an object of the books as JSON, with what include[] asks for."""

from collections.abc import Collection
from typing import Any

from app.sandbox.freshbooks.account import Account
from app.sandbox.freshbooks.balances import BALANCES, balances
from app.sandbox.freshbooks.books import Books
from app.sandbox.freshbooks.clients import shown_client
from app.sandbox.freshbooks.estimates import estimate_lines, shown_estimate
from app.sandbox.freshbooks.invoices import presentation, shown_invoice, shown_lines
from app.sandbox.freshbooks.moments import eastern, eastern_day
from app.sandbox.freshbooks.payments import shown_payment
from app.sandbox.freshbooks.rows import ClientRow, EstimateRow, InvoiceRow, PaymentRow, Row, Texts
from app.sandbox.freshbooks.switches import Switches


class Shown:
    """The books as FreshBooks' API shows them."""

    def __init__(self, books: Books, account: Account, switches: Switches) -> None:
        self._books = books
        self._account_id = account.account_id
        self._switches = switches

    def __call__(self, row: Row, includes: Collection[str] = ()) -> Texts:
        """Return an object's JSON; what `includes` does not know is ignored."""
        match row:
            case ClientRow():
                return shown_client(row, self._account_id, self._with_client(row, includes))
            case InvoiceRow():
                today = eastern_day(self._books.clock.now()) if self._switches.overdue_by_the_clock else None
                present = self._books.clients.rows[row.client].face.organization
                more = self._with_invoice(row, includes)
                return shown_invoice(row, self._account_id, present, today, more)
            case PaymentRow():
                return shown_payment(row, self._account_id, self._with_payment(row, includes))
            case EstimateRow():
                present = self._books.clients.rows[row.client].face.organization
                lines = {"lines": estimate_lines(row)} if "lines" in includes else {}
                return shown_estimate(row, self._account_id, present, lines)

    def _with_client(self, client: ClientRow, includes: Collection[str]) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if set(includes) & set(BALANCES):
            rows = self._books.invoices.rows
            today = eastern_day(self._books.clock.now())
            owed = balances((rows[n] for n in self._books.invoices.of_client(client.id)), today)
            more = {name: owed[name] for name in BALANCES if name in includes}
        if "last_activity" in includes:
            more["last_activity"] = eastern(client.updated)
        return more | {name: None for name in ("late_fee", "late_reminders") if name in includes}

    def _with_invoice(self, invoice: InvoiceRow, includes: Collection[str]) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if "lines" in includes:
            more["lines"] = shown_lines(invoice)
        if "presentation" in includes:
            more["presentation"] = presentation(invoice)
        return more

    def _with_payment(self, payment: PaymentRow, includes: Collection[str]) -> dict[str, Any]:
        more: dict[str, Any] = {}
        if "client" in includes:
            more["client"] = self(self._books.clients.rows[payment.client])
        if "invoice" in includes:
            more["invoice"] = self(self._books.invoices.rows[payment.invoice])
        return more
