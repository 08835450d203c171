"""Who the simulated FreshBooks belongs to: one account with its owner, and one registered application."""

from hashlib import sha256

from pydantic import BaseModel, ConfigDict, Field, SecretStr

SCOPED_OBJECTS = (
    "bill_payments",
    "bill_vendors",
    "billable_items",
    "bills",
    "business",
    "clients",
    "credit_notes",
    "estimates",
    "expenses",
    "invoices",
    "journal_entries",
    "notifications",
    "online_payments",
    "other_income",
    "payments",
    "profile",
    "projects",
    "reports",
    "retainers",
    "taxes",
    "teams",
    "time_entries",
)
ALL_SCOPES = tuple(f"user:{noun}:{verb}" for noun in SCOPED_OBJECTS for verb in ("read", "write"))


class Account(BaseModel):
    """The account, its business and the person who owns it: three kinds of id that must not be mixed up."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_id: str = "sBx7Qk"
    business_id: int = 14820311
    business_uuid: str = "5f0c2b0e-7c39-4c3f-9d55-0d6a1c5f4b27"
    business_name: str = "Sandbox & Söhne"
    identity_id: int = 14611207
    identity_uuid: str = "0b7a41f2-3a1d-4c11-8f0e-9d2f6f0a7c55"
    staff_id: int = 1
    """The staff user in whose name events are sent; 1 is the owner."""
    first_name: str = "Sandra"
    last_name: str = "Box"
    email: str = "sandra@sandbox.example"
    timezone: str = "Europe/Berlin"
    """Display only: FreshBooks' times do not follow it."""


class Application(BaseModel):
    """The integration as registered on FreshBooks' developer page."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str
    client_secret: SecretStr
    redirect_uris: tuple[str, ...] = ()
    """Registered redirect URIs; empty: any (the sandbox's own comfort, FreshBooks wants them registered)."""
    scopes: tuple[str, ...] = Field(default=ALL_SCOPES)


def sandbox_application(seed: int, redirect_uris: tuple[str, ...] = ()) -> Application:
    """Return the application that a sandbox with this seed knows: the same seed, the same credentials."""
    return Application(
        client_id=sha256(f"client id {seed}".encode()).hexdigest(),
        client_secret=SecretStr(sha256(f"client secret {seed}".encode()).hexdigest()),
        redirect_uris=redirect_uris,
    )
