import pytest

from tests.builders.salesforce_user import an_opportunity, salesforce_user

AN_ORDER = {"EffectiveDate": "2026-01-01", "Status": "Sent"}


async def test_unrestricted_stages_take_any_value_and_restricted_ones_do_not() -> None:
    async with salesforce_user() as free, salesforce_user(restricted=["Opportunity.StageName"]) as strict:
        taken = await free.call("POST", "sobjects/Opportunity", an_opportunity(StageName="Invoiced"))
        refused = await strict.call("POST", "sobjects/Opportunity", an_opportunity(StageName="Invoiced"))

        assert taken.status == 201
        assert refused.body[0]["errorCode"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


@pytest.mark.parametrize(
    ("stage", "closed", "won", "probability", "expected"),
    [
        ("Prospecting", False, False, 10.0, 20.0),
        ("Closed Won", True, True, 100.0, 200.0),
        ("Closed Lost", True, False, 0.0, 0.0),
    ],
)
async def test_the_stage_says_what_is_won_and_expected(
    stage: str,
    closed: bool,  # noqa: FBT001 - a column of the table
    won: bool,  # noqa: FBT001
    probability: float,
    expected: float,
) -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Opportunity", **an_opportunity(StageName="Value Proposition", Amount=200))

        await user.call("PATCH", f"sobjects/Opportunity/{row_id}", {"StageName": stage})

        row = await user.row("Opportunity", row_id)
        assert (row["IsClosed"], row["IsWon"]) == (closed, won)
        assert (row["Probability"], row["ExpectedRevenue"]) == (probability, expected)
        assert (row["FiscalYear"], row["FiscalQuarter"], row["Fiscal"]) == (2026, 1, "2026 1")


async def test_a_probability_of_ones_own_stands_until_the_stage_changes() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Opportunity", **an_opportunity(Probability=33))
        own = (await user.row("Opportunity", row_id))["Probability"]

        await user.call("PATCH", f"sobjects/Opportunity/{row_id}", {"StageName": "Closed Won"})

        assert (own, (await user.row("Opportunity", row_id))["Probability"]) == (33.0, 100.0)


async def test_an_order_begins_as_a_draft_and_keeps_its_account_once_active() -> None:
    async with salesforce_user() as user:
        accounts = [await user.create("Account", Name=name) for name in ("A", "B")]
        order = {"AccountId": accounts[0], "EffectiveDate": "2026-01-01"}
        at_once = await user.call("POST", "sobjects/Order", order | {"Status": "Activated"})
        row_id = await user.create("Order", **order, Status="Draft")
        await user.call("PATCH", f"sobjects/Order/{row_id}", {"Status": "Activated"})

        moved = await user.call("PATCH", f"sobjects/Order/{row_id}", {"AccountId": accounts[1]})

        row = await user.row("Order", row_id)
        assert at_once.body[0]["errorCode"] == "FAILED_ACTIVATION"
        assert (row["StatusCode"], row["OrderNumber"], row["TotalAmount"]) == ("Activated", "00000101", 0.0)
        assert moved.status == 400


async def test_names_are_known_in_any_case_and_told_in_their_own() -> None:
    async with salesforce_user() as user:
        seen = await user.call("POST", "sobjects/account", {"name": "A"})

        row = await user.call("GET", f"sobjects/ACCOUNT/{seen.body['id']}")
        assert (row.body["attributes"]["type"], row.body["Name"]) == ("Account", "A")


async def test_the_amount_of_an_opportunity_with_products_is_not_heard() -> None:
    async with salesforce_user() as user:
        row_id = await user.create("Opportunity", **an_opportunity(Amount=200))
        products = f"{user.sandbox.url}/_sandbox/rows/Opportunity/{row_id}/products"
        async with user.session.post(products) as answer:
            assert answer.status == 200

        await user.call("PATCH", f"sobjects/Opportunity/{row_id}", {"Amount": 300})

        row = await user.row("Opportunity", row_id)
        assert (row["HasOpportunityLineItem"], row["Amount"]) == (True, 200.0)
