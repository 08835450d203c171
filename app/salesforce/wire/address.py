"""Which hosts may see our credentials and tokens."""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from streams.domain.errors import Misconfigured

SALESFORCE: Final = (".salesforce.com", ".salesforce.mil", ".sfcrmproducts.cn")
"""Domains under which only Salesforce hands out hosts (sites built by customers live elsewhere)."""

NOT_AN_ORG: Final = frozenset({"login.salesforce.com", "test.salesforce.com"})

_MY_DOMAIN: Final = "use the org's My Domain address, such as https://acme.my.salesforce.com"


class BadAddress(Misconfigured):
    """An address to which we do not send credentials."""

    code = "bad-address"


def org_origin(address: str, *, allow_http: bool = False) -> str:
    """Return scheme and host of the org that a connection names: the client secret goes there.

    With `allow_http`, which is for sandboxes and tests, any host may stand in for Salesforce.

    Raises:
        BadAddress: as `origin`, or the host is none of Salesforce's.
    """
    found = origin(address, allow_http=allow_http)
    if not allow_http and not (urlsplit(found).hostname or "").endswith(SALESFORCE):
        message = "the connection's domain is not under a domain of Salesforce's"
        raise BadAddress(message, _MY_DOMAIN)
    return found


def origin(address: str, *, allow_http: bool = False) -> str:
    """Return scheme and host of a connection's `address`; https is meant when it names no scheme.

    Raises:
        BadAddress: it is no address of one org, or http where that is not allowed.
    """
    parts, number = _split(address if "://" in address else f"https://{address}")
    if not parts.hostname or parts.username or parts.path.strip("/") or parts.query:
        raise BadAddress(_NO_HOST, _MY_DOMAIN)
    if parts.hostname in NOT_AN_ORG:
        message = f"{parts.hostname} cannot tell which org is meant"
        raise BadAddress(message, _MY_DOMAIN)
    if parts.scheme != "https" and not (allow_http and parts.scheme == "http"):
        message = f"{parts.scheme} would send credentials in clear"
        raise BadAddress(
            message, "use https, or allow http for a sandbox: FRESHFORCE_ALLOW_HTTP_VENDORS=true"
        )
    port = "" if number in {None, _USUAL[parts.scheme]} else f":{number}"
    return f"{parts.scheme}://{parts.hostname}{port}"


_USUAL: Final = {"https": 443, "http": 80}
_NO_HOST: Final = "the connection's Salesforce domain is no host"


def _split(address: str) -> tuple[SplitResult, int | None]:
    """Return the parts of an address, and its port where it names one."""
    try:
        return (parts := urlsplit(address)), parts.port
    except ValueError:
        raise BadAddress(_NO_HOST, _MY_DOMAIN) from None


def instance(address: str, own: str, *, allow_http: bool = False) -> str:
    """Return the origin that a log-in named for its calls: the connection's `own`, or one of Salesforce's.

    Raises:
        BadAddress: it is neither; a token sent there would be a token given away.
    """
    found = origin(address, allow_http=allow_http)
    host = urlsplit(found)
    if found != own and not (host.port is None and (host.hostname or "").endswith(SALESFORCE)):
        message = "the log-in names a host that is not Salesforce's"
        raise BadAddress(message, "check the connection's domain")
    return found
