"""A shell with an installation's settings: commands as an operator types them."""

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from app.bench.installation import SHARED_KEY
from app.vault.keys import add


@dataclass
class Terminal:
    """Runs our commands in processes of their own."""

    environment: dict[str, str]

    @classmethod
    async def opened(cls, home: Path, kafka: str) -> "Terminal":
        """A fresh installation on `kafka`, with its topics and the key that all who share a Kafka have."""
        settings = {"HOME": str(home), "KAFKA": kafka, "ALLOW_HTTP_VENDORS": "true"}
        settings |= {"REPLICATION": "1", "MIN_INSYNC": "1", "PARTITIONS": "4"}
        shell = cls(dict(os.environ) | {f"FRESHFORCE_{name}": value for name, value in settings.items()})
        add(home / "keys", SHARED_KEY)
        code, out, err = await shell.run("topics", "create")
        assert code == 0, out + err
        return shell

    async def run(self, *words: str, typed: str = "") -> tuple[int, str, str]:
        """Run a command of ours; return its exit code, what it printed and what it complained of."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "app", *words),
            env=self.environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(typed.encode())
        return process.returncode or 0, out.decode(), err.decode()
