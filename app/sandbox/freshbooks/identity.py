"""users/me: who the token acts for. Its envelope has no `result` level."""

from collections.abc import Iterator
from typing import Any

from app.sandbox.freshbooks.account import Account
from app.sandbox.freshbooks.switches import Switches

RATE_HEADERS = {"X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "Retry-After": "59"}
"""Seen on a 200 of the auth service: they ask for nothing."""
_SINCE = "2024-02-01T09:00:00Z"


def users_me(account: Account, switches: Switches) -> dict[str, Any]:
    """Return the owner's identity, with the account's id in one or both of its places."""
    return {
        "response": {
            "id": account.identity_id,
            "identity_id": account.identity_id,
            "identity_uuid": account.identity_uuid,
            "first_name": account.first_name,
            "last_name": account.last_name,
            "email": account.email,
            "language": "en",
            "confirmed_at": _SINCE,
            "created_at": _SINCE,
            "unconfirmed_email": None,
            "setup_complete": True,
            "phone_numbers": [{"title": "", "phone_number": None}],
            "addresses": [None],
            "profession": None,
            "links": {"me": f"/service/auth/api/v1/users?id={account.identity_id}"},
            "permissions": {account.account_id: {"client.limit": -1, "attachments.access": True}},
            "groups": [_group(account)],
            "subscription_statuses": {account.account_id: "active"},
            "business_statuses": {account.account_id: "active"},
            "integrations": {},
            "business_memberships": [
                _membership(account, switches),
                *(_another(account, switches, each) for each in switches.more_accounts),
            ],
            "identity_origin": "magnum",
            "timezone": account.timezone,
            "roles": [*_roles(account, switches)],
        }
    }


def _membership(account: Account, switches: Switches) -> dict[str, Any]:
    """Return the membership; its own `id` is not the business's."""
    return {
        "id": account.business_id + 25_791_000,
        "role": switches.membership_role,
        "unacknowledged_change": False,
        "business": {
            "id": account.business_id,
            "business_uuid": account.business_uuid,
            "name": account.business_name,
            "account_id": None if switches.account_id_null else account.account_id,
            "date_format": "yyyy-mm-dd",
            "active": True,
            "timezone": account.timezone,
            "status": "active",
            "advanced_accounting_enabled": False,
            "billing_country_code": "DEU",
            "address": {"id": 16_317_900, "street": "", "city": "Berlin", "country": "Germany"},
            "phone_number": None,
            "business_clients": [],
        },
    }


def _group(account: Account) -> dict[str, Any]:
    return {
        "id": account.business_id + 25_791_000,
        "group_id": account.business_id + 13_580_000,
        "role": "owner",
        "identity_id": account.identity_id,
        "identity_uuid": account.identity_uuid,
        "business_id": account.business_id,
        "active": True,
    }


def _another(account: Account, switches: Switches, account_id: str) -> dict[str, Any]:
    """Return the membership in another business, told apart by its account."""
    its = _membership(account, switches)
    business = its["business"] | {"account_id": account_id, "name": f"Business {account_id}"}
    return its | {"id": its["id"] + len(account_id), "business": business}


def _roles(account: Account, switches: Switches) -> Iterator[dict[str, Any]]:
    yield _role(account)
    for account_id in switches.more_accounts:
        yield _role(account) | {"accountid": account_id}
    if switches.client_elsewhere:
        yield _role(account) | {"accountid": "e15eWh", "role": "client"}


def _role(account: Account) -> dict[str, Any]:
    return {
        "id": account.business_id + 901_000,
        "role": "admin",
        "systemid": account.business_id - 4_300_000,
        "userid": account.staff_id,
        "created_at": _SINCE,
        "accountid": account.account_id,
    }
