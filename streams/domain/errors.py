"""Why a message could not go further.

FreshforceError
├── Transient          the same bytes may pass later: wait, then try again
│   ├── RateLimited      the remote API asked us to wait
│   └── Unreachable      no usable answer came
├── Unauthorized       the token is dead: renew it once, then try again
└── Permanent          the same bytes will never pass: bury, tell a person
    ├── Undecodable      the bytes are not a message we know
    ├── Refused          the remote side looked at it and said no
    ├── Misconfigured    a setting or permission is wrong; the mend is a person's
    └── Removed          its connection was removed by a person: it ends, and is no dead letter
"""

from datetime import timedelta


class FreshforceError(Exception):
    """Root of our errors. `code` is stable, the message is safe to log."""

    code = "error"
    mend = ""


class Transient(FreshforceError):
    """The same bytes may pass later."""

    code = "transient"


class RateLimited(Transient):
    """The remote API asked us to wait."""

    code = "rate-limited"

    def __init__(self, api: str, retry_after: timedelta) -> None:
        super().__init__(f"{api} asks for {retry_after.total_seconds():g} s of quiet")
        self.retry_after = retry_after


class Unreachable(Transient):
    """No usable answer came: a time-out, a reset, a 5xx, an unreadable body."""

    code = "unreachable"

    def __init__(self, api: str, why: str) -> None:
        super().__init__(f"{api} gave no usable answer: {why}")


class Unauthorized(FreshforceError):
    """The token is expired or revoked; renew it once and try again."""

    code = "unauthorized"

    def __init__(self, api: str) -> None:
        super().__init__(f"{api} refuses the token")


class Permanent(FreshforceError):
    """The same bytes will never pass."""

    code = "permanent"

    def __init__(self, reason: str, mend: str = "", code: str | None = None) -> None:
        super().__init__(reason)
        self.mend = mend or self.mend
        self.code = code or self.code


class Undecodable(Permanent):
    """The bytes are not a message we know."""

    code = "undecodable"
    mend = "find out who wrote it; when a newer release did, upgrade the workers and retry the dead letter"


class Refused(Permanent):
    """The remote side looked at it and said no."""

    code = "refused"


class Misconfigured(Permanent):
    """A setting or a permission is wrong, here or at the vendor."""

    code = "misconfigured"


class Removed(Permanent):
    """A person removed the connection: what is on its way ends here."""

    code = "connection-removed"
    mend = "connect again under that name, or leave it"
