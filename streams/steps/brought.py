"""What a payment says of the invoices that it brings, under their own keys: whose books were told of them."""

from collections.abc import Iterator, Mapping

from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.event import Event, EventSource
from streams.domain.identity import ClientId, EventId, ObjectKind, digest
from streams.steps.whereabouts import Whereabouts


def brought(
    event: Event, invoices: Mapping[int, ClientId], known: Whereabouts, where: Whereabouts
) -> Iterator[Event]:
    """Yield the word to whom the payment of `event` brought each invoice, unless it was said before.

    That is said anew where the payment stands otherwise than it was `known` to, and of an invoice whose
    client is not the payment's; and again by the event that said it last, read again after a crash.
    """
    stands = (known.clients, known.invoices) == (where.clients, where.invoices)
    said = stands and known.brought_by not in {"", event.id}
    for invoice, client in invoices.items():
        if not said or client != where.client:
            yield _of_invoice(event, invoice, f"brought to {client}", client)


def looked_for(event: Event) -> Event:
    """Return the event that has an invoice read which went from the client that was told of it."""
    return _of_invoice(event, event.object_id, "looked for", None)


def noted(event: Event) -> AuditEntry:
    """Return the word that it is known to whom an invoice was brought.

    It names no object: nothing has changed in FreshBooks, and reports count what has.
    """
    return AuditEntry(
        id=audit_id(Step.FETCH, Verdict.UNCHANGED, event.id),
        connection=event.connection,
        client=event.brought_to,
        step=Step.FETCH,
        verdict=Verdict.UNCHANGED,
        cause=event.id,
        caused=(),
        rule="a payment brought the invoice to this client",
        details={"source": event.source.value, "invoice": event.object_id},
    )


def _of_invoice(event: Event, invoice: int, why: str, client: ClientId | None) -> Event:
    return Event(
        id=EventId(digest("event", why, event.id, str(invoice))),
        connection=event.connection,
        object=ObjectKind.INVOICE,
        object_id=invoice,
        action="seen",
        source=EventSource.BROUGHT,
        received_at=event.received_at,
        brought_to=client,
    )
