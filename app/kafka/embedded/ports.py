"""Ports for Kafka to listen on: free ones, below the range from which the system takes ports for callers.

A broker that was killed leaves its port free for a moment; a port of the callers' range could then be
given to the very client that tries to reach it.
"""

import random
import socket
import time

LOWEST, HIGHEST = 10240, 29999
HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Tell whether nobody listens on `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def frees_within(port: int, seconds: float) -> bool:
    """Tell whether `port` is free, now or soon: a killed broker holds it for a moment longer."""
    deadline = time.monotonic() + seconds
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def free_ports(count: int) -> list[int]:
    """Return `count` different ports on which nobody listens now."""
    candidates = random.SystemRandom().sample(range(LOWEST, HIGHEST), k=1000)
    free = (port for port in candidates if is_free(port))
    return [next(free) for _ in range(count)]
