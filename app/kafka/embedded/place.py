"""What an embedded Kafka keeps about itself in its state folder: its name and its ports."""

import json
import os
from base64 import urlsafe_b64encode
from dataclasses import asdict
from pathlib import Path

from app.kafka.embedded.ports import free_ports
from app.kafka.embedded.properties import Member

FILE = "members.json"


def new_cluster() -> str:
    """Return a fresh cluster id: 16 random bytes as Kafka writes them.

    It begins with a letter, since Kafka's own tools take a leading dash for an option.
    """
    return "F" + urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")[1:]


def fresh_members(count: int) -> tuple[Member, ...]:
    """Return `count` members on ports that are free now."""
    ports = free_ports(2 * count)
    return tuple(Member(n + 1, ports[2 * n], ports[2 * n + 1]) for n in range(count))


def remembered(home: Path) -> tuple[str, tuple[Member, ...]] | None:
    """Return cluster id and members of the Kafka that lives in `home`; None when none does."""
    try:
        kept = json.loads((home / FILE).read_text())
    except FileNotFoundError:
        return None
    return kept["cluster"], tuple(Member(**member) for member in kept["members"])


def remember(home: Path, cluster: str, members: tuple[Member, ...]) -> None:
    """Keep cluster id and members in `home`, whole or not at all."""
    home.mkdir(parents=True, exist_ok=True)
    draft = home / f"{FILE}.new"
    draft.write_text(json.dumps({"cluster": cluster, "members": [asdict(member) for member in members]}))
    draft.replace(home / FILE)
