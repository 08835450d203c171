"""What changed decides who waits: money, balances, details."""

import pytest

from app.salesforce.calls.urgency import Shown, Urgency
from streams.domain.command import Command, Field
from tests.builders.salesforce import a_command, a_contact, an_account, an_opportunity


def invoice(**fields: Field) -> Command:
    made = an_opportunity()
    unpaid: dict[str, Field] = {"FreshBooks_Payment_Status__c": "unpaid"}
    return made.model_copy(update={"fields": made.fields | unpaid | fields})


def account(**fields: Field) -> Command:
    named: dict[str, Field] = {"Name": "Maple"}
    return a_command(fields=named | fields)


@pytest.mark.parametrize(
    ("command", "urgency"),
    [
        (invoice(), Urgency.BALANCE),
        (invoice(FreshBooks_Payment_Status__c="partial"), Urgency.MONEY),
        (invoice(FreshBooks_Payment_Status__c="paid", StageName="Closed Won"), Urgency.MONEY),
        (invoice(FreshBooks_Payment_Status__c="deleted", StageName="Closed Lost"), Urgency.MONEY),
        (an_account(), Urgency.DETAILS),
        (account(FreshBooks_Outstanding__c="CAD 1.00"), Urgency.BALANCE),
        (a_contact(), Urgency.DETAILS),
    ],
)
def test_a_row_that_is_not_remembered_is_urgent_by_what_it_says(command: Command, urgency: Urgency) -> None:
    assert Shown().change(command).urgency is urgency


@pytest.mark.parametrize(
    ("before", "after", "urgency"),
    [
        (invoice(), invoice(Name="Another"), Urgency.DETAILS),
        (invoice(), invoice(CloseDate="2026-05-01"), Urgency.BALANCE),
        (invoice(), invoice(FreshBooks_Payment_Status__c="paid"), Urgency.MONEY),
        (invoice(FreshBooks_Payment_Status__c="paid"), invoice(), Urgency.MONEY),
        (invoice(), invoice(StageName="Closed Lost"), Urgency.MONEY),
        (
            invoice(FreshBooks_Payment_Status__c="paid"),
            invoice(FreshBooks_Payment_Status__c="paid", Name="x"),
            Urgency.DETAILS,
        ),
        (account(FreshBooks_Paid__c="1"), account(FreshBooks_Paid__c="1", Phone="5"), Urgency.DETAILS),
        (account(FreshBooks_Paid__c="1"), account(FreshBooks_Paid__c="2"), Urgency.BALANCE),
        (account(FreshBooks_Paid__c="1"), account(), Urgency.BALANCE),
    ],
)
def test_a_row_that_is_remembered_is_urgent_by_what_changed(
    before: Command, after: Command, urgency: Urgency
) -> None:
    shown = Shown()
    shown.delivered(before, shown.change(before).told)

    assert shown.change(after).urgency is urgency


def test_no_more_rows_are_remembered_than_allowed() -> None:
    shown = Shown(size=2)
    rows = [a_command(external_id=f"A:{client}", fields={"FreshBooks_Paid__c": "1"}) for client in range(4)]
    for row in rows:
        shown.delivered(row, shown.change(row).told)

    remembered = [shown.change(row).urgency for row in rows]

    assert remembered == [Urgency.BALANCE, Urgency.BALANCE, Urgency.DETAILS, Urgency.DETAILS]
