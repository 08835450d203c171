"""Names of connections, as a person types them."""

import re

from streams.domain.errors import Misconfigured
from streams.domain.identity import CONNECTION_PATTERN, ConnectionName


def connection_name(text: str) -> ConnectionName:
    """Return `text` as a connection's name.

    Raises:
        Misconfigured: it cannot be one.
    """
    if re.fullmatch(CONNECTION_PATTERN, text):
        return ConnectionName(text)
    message = "a connection's name is 1 to 63 lower-case letters, digits and hyphens"
    raise Misconfigured(message, "choose such a name, for example acme", "bad-name")
