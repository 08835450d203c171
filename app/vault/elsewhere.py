"""A secret goes to the server that it was given for, and to no other, whatever the connection says now.

The address is sealed with the secret. A connection's settings are written before its grant, so between the
two, and for good after a crash between the two, the old secret stands beside the new address.
"""

from streams.domain.errors import Misconfigured
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName


class GivenElsewhere(Misconfigured):
    """The connection has another address than the one that its secret was given for."""

    code = "given-elsewhere"

    def __init__(self, connection: ConnectionName, side: Side, given_for: str, address: str) -> None:
        message = f"the {side.value} secret of {connection} was given for {given_for}, not for {address}"
        mend = f"consent again: freshforce connect {side.value} {connection} …"
        super().__init__(message, mend)


def refuse_elsewhere(connection: ConnectionName, side: Side, given_for: str, address: str) -> None:
    """Keep a secret from an address that it was not given for; an old one, of which nobody knows, may go.

    Raises:
        GivenElsewhere: names both; a person has to connect again.
    """
    if given_for and given_for.rstrip("/") != address.rstrip("/"):
        raise GivenElsewhere(connection, side, given_for, address)
