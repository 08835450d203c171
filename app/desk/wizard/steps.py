"""How far a connection is: four steps and a check, each with what it is now. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

OK: Final = "ok"
TITLES: Final = {
    "freshbooks": "FreshBooks",
    "salesforce": "Salesforce",
    "fields": "Fields",
    "webhooks": "Webhooks",
    "check": "Check",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the wizard."""

    slug: str
    title: str
    well: bool
    says: str


def steps(seen: Mapping[str, Any], looks: Mapping[str, bool | None]) -> tuple[Step, ...]:
    """Return the steps of the connection that `overview` has `seen`.

    Whether the org's fields fit and the check was green is known only once somebody looked (else None).
    """
    return (
        Step("freshbooks", TITLES["freshbooks"], *_freshbooks(seen)),
        Step("salesforce", TITLES["salesforce"], *_salesforce(seen)),
        Step("fields", TITLES["fields"], *_looked(looks["fields"], "all there", "something is missing")),
        Step("webhooks", TITLES["webhooks"], *_webhooks(seen)),
        Step("check", TITLES["check"], *_looked(looks["check"], "all is well", "something needs you")),
    )


def next_step(found: Sequence[Step]) -> str:
    """Return the slug of the first step that is not done; the check when all are."""
    return next((step.slug for step in found if not step.well), "check")


def _freshbooks(seen: Mapping[str, Any]) -> tuple[bool, str]:
    match seen["freshbooks"], seen["account"]:
        case "ok", str(account):
            return True, f"account {account}"
        case "ok", _:
            return False, "choose an account"
        case "needs-consent", _:
            return False, "waits for consent"
        case state, _:
            return False, str(state)


def _salesforce(seen: Mapping[str, Any]) -> tuple[bool, str]:
    if seen["salesforce"] == OK:
        return True, str(seen["domain"]).removeprefix("https://")
    return False, str(seen["salesforce"])


def _webhooks(seen: Mapping[str, Any]) -> tuple[bool, str]:
    match str(seen["webhooks"]).split():
        case [_, "of", "0", *_]:
            return False, "none yet"
        case [verified, "of", all_, *_]:
            return verified == all_, str(seen["webhooks"])
        case _:
            return False, str(seen["webhooks"])


def _looked(found: bool | None, well: str, ill: str) -> tuple[bool, str]:  # noqa: FBT001 - a finding, no switch
    return found is True, "not looked at yet" if found is None else well if found else ill
