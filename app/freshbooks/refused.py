"""Why FreshBooks' answer could not be used, beyond what streams.domain.errors says for every vendor.

Permanent
├── Unreadable           an answer that we cannot read, or will not: names fields, never values
├── Missing              FreshBooks does not know the object
├── NoSuchAddress        FreshBooks has nothing there: API URL or account id may be wrong
└── ConsentNeeded        the refresh token is spent or revoked: a person must connect again
Transient
└── Unreachable
    └── Garbled          the answer is not JSON: cut off, or a page of some proxy
"""

from streams.domain.errors import Permanent, Refused, Unreachable

API = "FreshBooks"


class Unreadable(Permanent):
    """The answer is no FreshBooks object that we know, or passes our limits."""

    code = "unreadable-answer"
    mend = "retry the dead letter; if it comes back, report the named fields: FreshBooks may have changed"


class Missing(Refused):
    """FreshBooks does not know the object."""

    code = "not-found"


class NoSuchAddress(Refused):
    """FreshBooks has nothing at the address; an object of it may well exist elsewhere."""

    code = "no-such-address"
    mend = "check API URL and account id, then retry the dead letter"


class ConsentNeeded(Refused):
    """FreshBooks will not renew the grant; only its owner can give a new one."""

    code = "needs-consent"
    mend = "run `freshforce connect freshbooks` for this connection"


class Garbled(Unreachable):
    """What came is not JSON: an answer cut off, or a page of a proxy. It may pass."""

    code = "garbled"

    def __init__(self, why: str = "not JSON, or cut off") -> None:
        super().__init__(API, why)
