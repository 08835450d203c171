"""Why Salesforce refuses a client-credentials log-in, and the mend (facts: Salesforce, section 1)."""

from typing import Final, NamedTuple


class Cause(NamedTuple):
    """How one refusal is recognised, and its words."""

    error: str
    says: str
    code: str
    cause: str
    mend: str


_POLICIES: Final = "Setup → External Client App Manager → the app → Policies → OAuth"

CAUSES: Final = (
    Cause(
        "invalid_grant",
        "no client credentials user enabled",
        "no-run-as-user",
        "the app has no Run As user",
        f"{_POLICIES}: enable the client credentials flow and set Run As (a username)",
    ),
    Cause(
        "invalid_grant",
        "request not supported on this domain",
        "wrong-host",
        "this host cannot tell which org is meant",
        "set the domain to the org's My Domain address, such as https://acme.my.salesforce.com",
    ),
    Cause(
        "invalid_client_id",
        "",
        "wrong-client-id",
        "the org does not know this client id",
        "copy the Consumer Key again, and check that the domain is the org that holds the app",
    ),
    Cause(
        "invalid_client",
        "",
        "wrong-client-secret",
        "the client secret is wrong",
        "copy the Consumer Secret again and give it anew, on the page or to `freshforce connect salesforce`",
    ),
    Cause(
        "unsupported_grant_type",
        "",
        "flow-disabled",
        "the client credentials flow is switched off",
        "Setup → External Client App Manager → the app → Settings: Enable Client Credentials Flow",
    ),
    Cause(
        "",
        "client credentials flow not enabled",
        "flow-disabled",
        "the client credentials flow is switched off",
        "Setup → External Client App Manager → the app → Settings: Enable Client Credentials Flow",
    ),
    Cause(
        "",
        "not admin approved",
        "not-approved",
        "the app's policy does not admit the run-as user",
        f"{_POLICIES}: assign the run-as user's profile or permission set to the app",
    ),
    Cause(
        "inactive_user",
        "",
        "inactive-user",
        "the Run As user is inactive",
        f"{_POLICIES}: choose an active Run As user",
    ),
    Cause("", "", "login-refused", "Salesforce refuses the log-in", f"check the app: {_POLICIES}"),
)
"""Tried in order; the last one takes what nobody else did."""


def cause_of(error: str, description: str) -> Cause:
    """Return the cause that a token endpoint's `error` and `error_description` name."""
    said = description.lower()
    return next(cause for cause in CAUSES if cause.error in {"", error} and cause.says in said)
