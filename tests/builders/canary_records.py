"""Records, a mapping and a connection with a canary in every field: what may not be found elsewhere."""

from datetime import date
from decimal import Decimal

from streams.domain.connection import Connection, Stages
from streams.domain.identity import (
    AccountId,
    ClientId,
    ConnectionName,
    EventId,
    ObjectId,
    ObjectKind,
    RecordId,
)
from streams.domain.joined import Joined, Share
from streams.domain.money import Money
from streams.domain.record import Record
from streams.domain.snapshot import Address, Client, Gone, Invoice, Line, Payment
from tests.builders.mappings import a_mapping
from tests.builders.records import MORNING, a_record

NAME = ConnectionName("canary-connection")
ADDRESS = Address(
    street="canary-street",
    street2="canary-floor",
    city="canary-city",
    province="canary-province",
    postal_code="canary-98765",
    country="canary-country",
)
CLIENT = Client(
    id=ObjectId(48151623),
    organization="canary-organization",
    first_name="canary-first",
    last_name="canary-last",
    email="canary@mail.example",
    business_phone="+1 416 555 2368",
    mobile_phone="+1 416 555 2369",
    home_phone="+1 416 555 2370",
    fax="+1 416 555 2371",
    billing=ADDRESS,
    shipping=ADDRESS,
    currency="CAD",
    note="canary-note",
    more={"canary-key": ["canary-more", {"vat": 998877665}]},
)


def money(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="CAD")


INVOICE = Invoice(
    id=ObjectId(15162342),
    client=ClientId(48151623),
    number="CANARY-4242",
    organization="canary-organization",
    status="canary-status",
    payment_status="canary-payment-status",
    amount=money("98765.43"),
    paid=money("12345.67"),
    outstanding=money("86419.76"),
    created_on=date(2026, 10, 1),
    po_number="CANARY-PO-77",
    description="canary-description",
    lines=(
        Line(
            id=777001,
            name="canary-line",
            description="canary-line-text",
            quantity=Decimal(3),
            unit_cost=money("32921.81"),
            amount=money("98765.43"),
            tax_name_1="canary-tax",
            tax_name_2="canary-tax-two",
        ),
    ),
    more={"canary-key": "canary-more"},
)
PAYMENT = Payment(
    id=ObjectId(31415926),
    client=ClientId(48151623),
    invoice=ObjectId(15162342),
    amount=money("12345.67"),
    paid_on=date(2026, 10, 20),
    type="canary-type",
    note="canary-payment-note",
    more={"canary-key": "canary-more"},
)
GONE = Gone(moved_to=ClientId(16180339))
SHARE = Share(
    outstanding=(money("55555.55"),),
    paid=(money("44444.44"),),
    overdue=(money("33333.33"),),
    counted=1,
    open=1,
    moneyed=1,
    numbers=((27182818, "CANARY-5151"),),
    last_payment="2026-10-20",
    latest=("2026-10-01", 27182818, "CANARY-5151"),
)
CONNECTION = Connection(
    name=NAME,
    freshbooks_api_url="https://canary-freshbooks.example",
    freshbooks_auth_url="https://canary-auth.example",
    freshbooks_account_id=AccountId("canaryAcc"),
    salesforce_domain="https://canary.my.salesforce.com",
    stages=Stages(won="canary-stage"),
    org_currency="CAD",
    webhook_uri_base="https://canary-hooks.example",
    mapping=a_mapping(
        account="""
# canary-comment
Canary_Region__c = { literal = "canary-literal" }
Manager_Phone__c = { literal = 4165552368 }
Greeting__c = "canary-data {{ 'canary' if client.email == 'canary@mail.example' else 'x' }}{# canary #}"
Else__c = { from = "client.phone", else = "canary-else" }
Number__c = "{{ '1' if client.id == 48151623 else 4165552368 }}"
"""
    ),
)
SECRETS = (
    *("canary", "CANARY", "4242", "PO-77", "5151", "98765", "1 416 555", "416555", "mail.example"),
    *("48151623", "15162342", "31415926", "27182818", "777001", "16180339", "998877665"),
    *("98765.43", "12345.67", "86419.76", "32921.81", "55555.55", "44444.44", "33333.33"),
    *("Manager", "Region", "Greeting", "001Dn00000AbCdEIAV", "Dn00000"),
)


def rich() -> tuple[Record, ...]:
    """A record of each kind, with a canary in each of its fields."""
    records = (
        a_record(CLIENT, at=1),
        a_record(INVOICE, at=2),
        a_record(PAYMENT, at=3),
        a_record(CLIENT, at=4).model_copy(
            update={"snapshot": SHARE, "object_id": 16180339, "version": "r0000000001"}
        ),
        a_record(
            Gone(moved_to=ClientId(16180339)), at=5, kind=ObjectKind.INVOICE, number=15162342, client=48151623
        ),
    )
    return tuple(
        it.model_copy(
            update={
                "connection": NAME,
                "id": RecordId(f"canary-record-{at}"),
                "cause": EventId(f"canary-event-{at}"),
                "nonce": f"ca7a57e0{at:08x}",
                "joined": Joined(to=ClientId(16180339), at=MORNING) if at == 0 else None,
            }
        )
        for at, it in enumerate(records)
    )
