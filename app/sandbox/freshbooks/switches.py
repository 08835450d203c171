"""Switches for what nobody has confirmed of FreshBooks (tag [?] in the facts), and for its known traps.

A client that is right must be right in every position. The default is the likelier position, or the
harder one where neither is likelier. All can be set while the sandbox runs.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class ErrorShape(StrEnum):
    """How accounting and events errors are worded: as today, or as from 2022-10 to 2024-04."""

    CURRENT = "current"
    RPC = "rpc"


class HandshakeTime(StrEnum):
    """When the handshake POST is made, seen from the answer to the registration."""

    AFTER = "after"
    BEFORE = "before"
    """The race: the receiver has the code before it knows the callback's id."""


class Switches(BaseModel):
    """Everything about the simulated FreshBooks that a test may want otherwise."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    # Errors
    error_shape: ErrorShape = ErrorShape.CURRENT
    """The new shape was announced and taken back; it may come again."""
    single_error_object: bool = False
    """`response.errors` as one object instead of a list: both were seen."""
    refused_in_200: frozenset[str] = frozenset({"items", "bills", "bill_vendors"})
    """Resources that the plan does not include: status 200 with `response.errors`."""

    # Who am I
    account_id_null: bool = False
    """users/me gives `business.account_id: null`; only `roles[].accountid` has it (seen live)."""
    membership_role: Annotated[str, Field(pattern="^[a-z_]+$")] = "owner"
    """What the identity is in the business; business_employee, contractor and client see less."""
    client_elsewhere: bool = False
    """The identity is also a client of somebody else's account (seen live): no account of its own."""
    more_accounts: tuple[str, ...] = ()
    """Accounts of further businesses of the same identity."""
    rate_headers_on_success: bool = True
    """users/me carries X-RateLimit-* and Retry-After on a 200: nothing to wait for."""

    # Tokens
    second_consent_kills_first: bool = False
    """A second authorisation of the same application ends the earlier refresh tokens: recalled, not found."""
    refresh_forgives: bool = False
    """A spent refresh token is taken again until its pair is used: a lost answer may be asked for once more.
    Nothing says that FreshBooks does so; some servers do."""
    refresh_keeps_created_at: bool = False
    """Once seen: a refresh answered with the first token's `created_at`."""
    pkce_checked: bool = True
    """A code that was asked for with a challenge wants its verifier. The metadata offers S256; that it
    binds was not seen."""
    https_redirects_only: bool = False
    """The portal refuses http:// redirect URIs; off, since tests listen on http."""

    # Callbacks
    handshake_time: HandshakeTime = HandshakeTime.AFTER
    handshake_delay: Annotated[float, Field(ge=0)] = 0.05
    """Seconds between registration and handshake."""
    handshake_signed: bool = True
    """Implied by an SDK's example, not confirmed."""
    handshake_has_system: bool = True
    """The field `system` (https://<subdomain>...) of the recording of 2020."""
    resend_changes_verifier: bool = False
    uri_change_unverifies: bool = True
    """Whether a new URI must be verified anew."""
    https_callbacks_only: bool = False
    callback_id_key: Annotated[str, Field(pattern="^(callbackid|id)$")] = "callbackid"
    callback_times_eastern: bool = False
    """`updated_at` as naive US/Eastern (Node SDK's test) instead of ISO with Z (Python's)."""

    # Which events fire
    delete_fires_delete: bool = True
    delete_fires_update: bool = False
    archive_fires_update: bool = True
    restore_fires_update: bool = True
    payment_fires_invoice_update: bool = False
    """Off is harder: only the payment's event says that the invoice's balance changed."""
    mark_sent_fires_update: bool = True
    email_fires_update: bool = True
    """Beside `sendByEmail`."""
    invoice_create_fires_client_update: bool = False
    """The client's `updated` moves in any case."""

    # What moves `updated`
    payment_moves_invoice: bool = True
    deletion_moves_updated: bool = True
    """For payments and estimates; a client's deletion was seen to move it."""

    # Reading
    sort_by_any_column: bool = True
    """`sort=updated_asc` really sorts; off: every sort but by id is taken for `id_asc`."""
    overdue_by_the_clock: bool = True
    """A sent invoice past its due date shows v3_status `overdue` without any write, hence without event."""
    hidden_rows_in_total: Annotated[int, Field(ge=0)] = 0
    """Lists count this many rows too many, which the identity may not read: never wait for `total`."""

    # Load
    requests_per_second: Annotated[float, Field(gt=0)] | None = None
    """Above it: 429 with Retry-After. No number is documented."""
