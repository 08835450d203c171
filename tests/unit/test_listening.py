"""An address that cannot be had is told with its setting."""

import asyncio
import socket

import pytest

from app.listening import CannotListen, listening


async def test_a_taken_address_names_its_setting_and_the_mend() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"

        with (
            pytest.raises(CannotListen, match=f"^FRESHFORCE_LISTEN is {listen}: ") as stopped,
            listening("FRESHFORCE_LISTEN", listen) as (host, port),
        ):
            await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)

    assert "set FRESHFORCE_LISTEN" in stopped.value.mend


def test_an_ipv6_address_loses_its_brackets() -> None:
    with listening("FRESHFORCE_LISTEN", "[::1]:8080") as found:
        assert found == ("::1", 8080)
