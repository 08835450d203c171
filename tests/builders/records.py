"""Snapshots and records, told by what matters in a test. `at` counts seconds after nine in the morning."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from streams.domain.connection import Connection
from streams.domain.identity import (
    AccountId,
    ClientId,
    ConnectionName,
    EventId,
    ObjectId,
    ObjectKind,
    RecordId,
    digest,
)
from streams.domain.money import Money
from streams.domain.record import Record
from streams.domain.snapshot import Address, Client, Gone, Invoice, Payment, Snapshot, Visibility
from streams.domain.version import version

ACME = ConnectionName("acme")
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
A_CONNECTION = Connection(name=ACME, freshbooks_account_id=AccountId("p7rQW5"))
SETTINGS = {ACME: A_CONNECTION}


def a_client(  # noqa: PLR0913  # all have defaults; a test names what matters
    number: int = 7,
    *,
    organization: str = "Acme",
    first_name: str = "Ann",
    last_name: str = "Lee",
    email: str = "ann@acme.example",
    visibility: Visibility = Visibility.ACTIVE,
) -> Client:
    return Client(
        id=ObjectId(number),
        organization=organization,
        first_name=first_name,
        last_name=last_name,
        email=email,
        business_phone="+1 555 0100",
        billing=Address(street="1 Main St", street2="Floor 2", city="Toronto", country="Canada"),
        visibility=visibility,
    )


def an_invoice(  # noqa: PLR0913  # all have defaults; a test names what matters
    number: int = 31,
    *,
    client: int = 7,
    amount: str = "100.00",
    paid: str = "0.00",
    outstanding: str | None = None,
    currency: str = "CAD",
    status: str = "sent",
    organization: str = "Acme",
    created_on: date = date(2026, 10, 1),
    due_on: date | None = date(2026, 11, 30),
    paid_on: date | None = None,
    visibility: Visibility = Visibility.ACTIVE,
) -> Invoice:
    """Return an invoice; what is outstanding is what is not paid, unless said."""
    left = Decimal(amount) - Decimal(paid) if outstanding is None else Decimal(outstanding)
    return Invoice(
        id=ObjectId(number),
        client=ClientId(client),
        number=f"{number:05}",
        organization=organization,
        status=status,
        amount=Money(amount=Decimal(amount), currency=currency),
        paid=Money(amount=Decimal(paid), currency=currency),
        outstanding=Money(amount=left, currency=currency),
        created_on=created_on,
        due_on=due_on,
        paid_on=paid_on,
        visibility=visibility,
    )


def a_payment(  # noqa: PLR0913  # all have defaults; a test names what matters
    number: int = 501,
    *,
    invoice: int = 31,
    client: int = 7,
    amount: str = "100.00",
    currency: str = "CAD",
    paid_on: date = date(2026, 10, 20),
    visibility: Visibility = Visibility.ACTIVE,
) -> Payment:
    return Payment(
        id=ObjectId(number),
        client=ClientId(client),
        invoice=ObjectId(invoice),
        amount=Money(amount=Decimal(amount), currency=currency),
        paid_on=paid_on,
        type="Check",
        visibility=visibility,
    )


def a_record(
    snapshot: Snapshot,
    *,
    at: int = 0,
    kind: ObjectKind | None = None,
    number: int | None = None,
    client: int | None = None,
) -> Record:
    """Return the record of a snapshot that changed, and was read, `at` seconds into the morning.

    Of what is gone one has to say what it was: `kind`, `number` and `client`.
    """
    known: tuple[ObjectKind, int, int]
    match snapshot:
        case Client(id=its_number):
            known = (ObjectKind.CLIENT, its_number, its_number)
        case Invoice(id=its_number, client=its_client):
            known = (ObjectKind.INVOICE, its_number, its_client)
        case Payment(id=its_number, client=its_client):
            known = (ObjectKind.PAYMENT, its_number, its_client)
        case Gone():
            assert kind
            assert number
            assert client
            known = (kind, number, client)
    moment = MORNING + timedelta(seconds=at)
    return Record(
        id=RecordId(digest("record", str(known), str(at))),
        connection=ACME,
        client=ClientId(client or known[2]),
        object=known[0],
        object_id=known[1],
        version=version(moment, moment),
        read_at=moment,
        cause=EventId(digest("event", str(known), str(at))),
        snapshot=snapshot,
    )
