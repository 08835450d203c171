"""The kinds of org that `freshforce sandbox run --org` offers: what each refuses."""

from typing import Any

import pytest

from app.sandbox.salesforce.profile import profile_names
from tests.builders.salesforce_user import Seen, an_account, an_opportunity, salesforce_user


async def test_an_org_with_duplicate_rules_takes_no_second_account_of_the_same_name_and_phone() -> None:
    same = {"Name": "Acme", "Phone": "+1 555 0100"}
    async with salesforce_user("duplicate-rules") as user:
        first = await user.create("Account", **an_account("A", **same))

        seen = await user.upsert_many("Account", "FreshBooks_Client_Id__c", an_account("B", **same))

        (error,) = seen.body[0]["errors"]
        assert error["statusCode"] == "DUPLICATES_DETECTED"
        assert first in repr(error["duplicateResult"])


async def test_an_org_with_a_required_field_names_it_when_it_is_missing() -> None:
    async with salesforce_user("required-field") as user:
        without = await user.call("POST", "sobjects/Opportunity", an_opportunity())
        with_it = await user.call("POST", "sobjects/Opportunity", an_opportunity(Region__c="EMEA"))

        assert _code(without) == "REQUIRED_FIELD_MISSING"
        assert without.body[0]["fields"] == ["Region__c"]
        assert with_it.status == 201


@pytest.mark.parametrize(
    ("deal", "code"),
    [
        ({"Amount": 5000.01}, "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ({"Amount": 5000.01, "NextStep": "Ann said yes"}, ""),
        ({"Amount": 5000}, ""),
    ],
)
async def test_an_org_with_a_validation_rule_wants_large_deals_approved(
    deal: dict[str, Any], code: str
) -> None:
    async with salesforce_user("validation-rule") as user:
        seen = await user.call("POST", "sobjects/Opportunity", an_opportunity(**deal))

        assert _code(seen) == code


@pytest.mark.parametrize("kind", profile_names())
async def test_every_kind_of_org_lets_us_log_in_and_look(kind: str) -> None:
    async with salesforce_user(kind) as user:
        seen = await user.call("GET", "sobjects")

        assert seen.status == 200


def _code(seen: Seen) -> str:
    return str(seen.body[0]["errorCode"]) if seen.status >= 400 else ""
