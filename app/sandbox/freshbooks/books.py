"""The account's books: what users of FreshBooks do to them, what follows, and which events are told."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.sandbox.clock import MovableClock
from app.sandbox.freshbooks.balances import received_for, settled
from app.sandbox.freshbooks.bodies import Body, required, whole
from app.sandbox.freshbooks.clients import new_client, written_client
from app.sandbox.freshbooks.estimates import EstimateStage, new_estimate, written_estimate
from app.sandbox.freshbooks.invoices import new_invoice, written_invoice
from app.sandbox.freshbooks.nouns import PLACES, Noun
from app.sandbox.freshbooks.payments import new_payment, written_payment
from app.sandbox.freshbooks.refusals import Errno, invalid, unknown
from app.sandbox.freshbooks.rows import ClientRow, EstimateRow, InvoiceRow, PaymentRow, Row, Stage, Vis
from app.sandbox.freshbooks.shelf import Shelf
from app.sandbox.freshbooks.switches import Switches

Tell = Callable[[str, str, int], None]
"""Hears of each event: noun, verb, object id."""


class Books:
    """Clients, invoices, payments and estimates of one account.

    Every write tells its events after it has taken effect; a write that changes nothing moves nothing
    and tells nothing. Ids begin `later` than usual, so that two books may have none in common.
    """

    def __init__(self, clock: MovableClock, switches: Switches, tell: Tell, later: int = 0) -> None:
        self.clients: Shelf[ClientRow] = Shelf(first_id=567_001 + later)
        self.invoices: Shelf[InvoiceRow] = Shelf(first_id=1_453_001 + later)
        self.payments: Shelf[PaymentRow] = Shelf(first_id=3_312_001 + later)
        self.estimates: Shelf[EstimateRow] = Shelf(first_id=28_001 + later)
        self.clock = clock
        self._switches = switches
        self.tell = tell
        self._payments_of: dict[int, list[int]] = defaultdict(list)

    def shelf(self, noun: Noun) -> Shelf[Any]:
        """Return where the objects of a kind are kept."""
        match noun:
            case Noun.CLIENT:
                return self.clients
            case Noun.INVOICE:
                return self.invoices
            case Noun.PAYMENT:
                return self.payments
            case Noun.ESTIMATE:
                return self.estimates

    def get(self, noun: Noun, row_id: int) -> Any:
        """Return an object, deleted or not. Raises: Refusal(1012) when it never was."""
        row = self.shelf(noun).rows.get(row_id)
        if row is None:
            raise unknown(noun, PLACES[noun].id_field, row_id)
        return row

    def payments_of(self, invoice_id: int) -> list[PaymentRow]:
        """Return an invoice's payments, deleted ones included."""
        return [self.payments.rows[payment] for payment in self._payments_of.get(invoice_id, ())]

    def create(self, noun: Noun, body: Body) -> Any:
        """Make a new object. Raises: Refusal when a field is missing or wrong."""
        match noun:
            case Noun.CLIENT:
                row: Row = new_client(self.clients.new_id(), body, self.clock.tick())
            case Noun.INVOICE:
                row = self._invoice(body)
            case Noun.PAYMENT:
                row = self._payment(body)
            case Noun.ESTIMATE:
                client = self._client_of(body, noun)
                row = new_estimate(
                    self.estimates.new_id(), body, client, f"{len(self.estimates) + 1:07}", self.clock.tick()
                )
        return self._keep_new(noun, row)

    def change(self, noun: Noun, row_id: int, body: Body) -> Any:
        """Do a PUT: the first phase that is present wins and drops the rest without a word."""
        row = self.get(noun, row_id)
        if "ext_vis_state" in body:
            return row
        if "vis_state" in body:
            return self._hide(noun, row, body["vis_state"])
        if any(key.startswith("action_") and wanted for key, wanted in body.items()):
            return self._act(noun, row, body)
        return self._write(noun, row, body)

    def remove(self, noun: Noun, row_id: int) -> Any:
        """Delete softly: the object stays readable by its id."""
        return self._hide(noun, self.get(noun, row_id), Vis.DELETED)

    def load(self, noun: Noun, row: Row) -> None:
        """Put a row of the past on its shelf, telling nobody: how data sets are seeded."""
        self.shelf(noun).put(row)
        if isinstance(row, PaymentRow):
            self._payments_of[row.invoice].append(row.id)

    def _keep_new(self, noun: Noun, row: Row) -> Any:
        self.load(noun, row)
        self.tell(noun, "create", row.id)
        if isinstance(row, InvoiceRow):
            self._touch_client(row.client)
        if isinstance(row, PaymentRow):
            self._settle(row)
        return row

    def _invoice(self, body: Body) -> InvoiceRow:
        client = self._client_of(body, Noun.INVOICE)
        given = f"{len(self.invoices) + 1:07}"
        invoice = new_invoice(self.invoices.new_id(), body, client, given, self.clock.tick())
        return settled(invoice, ())

    def _payment(self, body: Body) -> PaymentRow:
        invoice_id = whole(required(body, "payment", "invoiceid"), "payment", "invoiceid")
        invoice = self.get(Noun.INVOICE, invoice_id)
        payment = new_payment(self.payments.new_id(), body, invoice, self.clock.tick())
        received = received_for(self.payments_of(invoice.id)) + payment.amount
        return replace(payment, overpaid=received > invoice.amount)

    def _client_of(self, body: Body, noun: Noun) -> ClientRow:
        client_id = whole(required(body, noun, "customerid"), noun, "customerid")
        client = self.clients.rows.get(client_id)
        if client is None:
            raise invalid(Errno.UNKNOWN_RESOURCE, noun, "customerid", client_id, "Client not found.")
        return client

    def _write(self, noun: Noun, row: Row, body: Body) -> Any:
        match row:
            case ClientRow():
                after: Row = written_client(row, body)
            case InvoiceRow():
                after = settled(written_invoice(row, body), self.payments_of(row.id))
            case PaymentRow():
                after = written_payment(row, body)
            case EstimateRow():
                after = written_estimate(row, body)
        return self._keep(noun, row, after, told=("update",))

    def _hide(self, noun: Noun, row: Row, wanted: Any) -> Any:
        if not isinstance(wanted, int) or wanted not in set(Vis):
            raise invalid(Errno.INVALID_VALUE, noun, "vis_state", wanted, "vis_state is not valid.")
        moves = isinstance(row, ClientRow | InvoiceRow) or self._switches.deletion_moves_updated
        after = replace(row, vis_state=int(wanted))
        return self._keep(noun, row, after, told=self._told_when_hidden(Vis(wanted)), moves=moves)

    def _told_when_hidden(self, wanted: Vis) -> tuple[str, ...]:
        fires, update = self._switches, ("update",)
        match wanted:
            case Vis.DELETED:
                return ("delete",) * fires.delete_fires_delete + update * fires.delete_fires_update
            case Vis.ARCHIVED:
                return update * fires.archive_fires_update
            case Vis.ACTIVE:
                return update * fires.restore_fires_update

    def _act(self, noun: Noun, row: Row, body: Body) -> Any:
        """Do the actions: mark sent, send by e-mail, accept."""
        if isinstance(row, EstimateRow):
            stage = EstimateStage.ACCEPTED if body.get("action_accept") else EstimateStage.SENT
            return self._keep(noun, row, replace(row, stage=stage), told=("update",))
        if not isinstance(row, InvoiceRow):
            return row
        after = replace(row, stage=max(row.stage, Stage.SENT))
        if not body.get("action_email"):
            return self._keep(noun, row, after, told=("update",) * self._switches.mark_sent_fires_update)
        self.tell(noun, "sendByEmail", row.id)
        return self._keep(noun, row, after, told=("update",) * self._switches.email_fires_update)

    def _keep(self, noun: Noun, before: Row, after: Row, *, told: tuple[str, ...], moves: bool = True) -> Any:
        """Keep a change and tell it; a change of nothing is none."""
        if after == before:
            return before
        kept = self.shelf(noun).put(replace(after, updated=self.clock.tick()) if moves else after)
        for verb in told:
            self.tell(noun, verb, kept.id)
        if isinstance(kept, PaymentRow):
            self._settle(kept)
        return kept

    def _settle(self, payment: PaymentRow) -> None:
        """Let a payment change its invoice."""
        before = self.invoices.rows[payment.invoice]
        after = settled(before, self.payments_of(before.id))
        if after == before:
            return
        if self._switches.payment_moves_invoice:
            after = replace(after, updated=self.clock.tick())
        self.invoices.put(after)
        if self._switches.payment_fires_invoice_update:
            self.tell(Noun.INVOICE, "update", before.id)

    def _touch_client(self, client_id: int) -> None:
        """Move the client's `updated`, as a new invoice does."""
        self.clients.put(replace(self.clients.rows[client_id], updated=self.clock.tick()))
        if self._switches.invoice_create_fires_client_update:
            self.tell(Noun.CLIENT, "update", client_id)
