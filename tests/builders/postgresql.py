"""A PostgreSQL of our own for a test, where the machine has the server's programs."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.kafka.embedded.ports import free_ports

PLACES = ("/usr/lib/postgresql", "/usr/local/opt/postgresql", "/opt/homebrew/opt/postgresql")
USER = "freshforce"
SERVANT = "postgres"
"""PostgreSQL refuses to run as root; its packages bring this user."""


def programs() -> Path | None:
    """Return the folder of the server's programs, None where it is not installed or cannot be run."""
    if os.geteuid() == 0 and SERVANT not in {user.pw_name for user in pwd.getpwall()}:
        return None
    known = [Path(found)] if (found := shutil.which("postgres")) else []
    installed = (each for place in PLACES for each in sorted(Path(place).glob("**/bin/postgres")))
    return next((each.parent for each in [*known, *installed]), None)


@contextmanager
def postgresql(bin_folder: Path) -> Iterator[str]:
    """Run a PostgreSQL while the with-block lasts; give the URL of its empty database."""
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder, (port,) = Path(name), free_ports(1)
        if os.geteuid() == 0:
            shutil.chown(folder, SERVANT)
        _run(bin_folder / "initdb", "--auth=trust", f"--username={USER}", "--no-sync", f"--pgdata={folder}/d")
        control = (bin_folder / "pg_ctl", f"--pgdata={folder}/d", "--wait")
        listening = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
        _run(*control, f"--options={listening}", f"--log={folder}/log", "start")
        try:
            yield f"postgresql+asyncpg://{USER}@127.0.0.1:{port}/postgres"
        finally:
            _run(*control, "--mode=immediate", "stop")


def _run(*command: str | Path) -> None:
    servant = SERVANT if os.geteuid() == 0 else None
    subprocess.run(command, check=True, user=servant, cwd="/", stdout=subprocess.DEVNULL)
