"""Kafka's jars: pinned by coordinate and SHA-256, fetched once per user, checked at every start."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from app.kafka.embedded.failures import DiskFull, JarAltered, JarsMissing
from app.kafka.embedded.lock import locked

KAFKA = "4.3.1"
PINNED = Path(__file__).with_name("jars.sha256")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Jar:
    """One pinned file: its Maven coordinate and what its bytes must hash to."""

    coordinate: str
    sha256: str

    @property
    def file(self) -> str:
        """Name of the file in the cache."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"

    def check(self, path: Path) -> None:
        """Refuse bytes that are not the pinned ones."""
        if hashlib.sha256(path.read_bytes()).hexdigest() != self.sha256:
            message = f"{path} is not the {self.coordinate} that this release pins"
            raise JarAltered(message)


def pinned(manifest: Path = PINNED) -> Iterator[Jar]:
    """Yield the jars that Kafka needs, as the manifest lists them."""
    for line in manifest.read_text().splitlines():
        sha256, coordinate = line.split()
        yield Jar(coordinate, sha256)


def cache() -> Path:
    """Return the folder of this user's jars (XDG)."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "freshforce" / f"kafka-{KAFKA}"


def classpath(folder: Path | None = None, manifest: Path = PINNED) -> tuple[Path, ...]:
    """Return the checked jars, fetching those that the cache lacks.

    Only the first start of a user asks the network; two first starts at once take turns.

    Raises:
        JarsMissing: they could not be fetched.
        JarAltered: a file, cached or fetched, is not the pinned one.
        DiskFull: there is no room for them.
    """
    folder = folder or cache()
    jars = tuple(pinned(manifest))
    with locked(folder):
        _fetch([jar for jar in jars if not (folder / jar.file).exists()], folder)
    for jar in jars:
        jar.check(folder / jar.file)
    return tuple(folder / jar.file for jar in jars)


def _fetch(wanted: list[Jar], folder: Path) -> None:
    """Bring `wanted` into `folder`, each one whole and checked or not at all."""
    if not wanted:
        return
    log.info("kafka-jars-fetching", version=KAFKA, jars=len(wanted), into=str(folder))
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as scratch:
            _download(wanted, Path(scratch), folder)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            message = f"no room for Kafka's jars in {folder}"
            raise DiskFull(message) from None
        message = f"Kafka's jars could not be fetched ({type(error).__name__})"
        raise JarsMissing(message) from None


def _download(wanted: list[Jar], scratch: Path, folder: Path) -> None:
    from jgo.config import GlobalSettings  # noqa: PLC0415 - the first start alone needs a Maven resolver
    from jgo.maven import MavenContext  # noqa: PLC0415

    context = MavenContext(repo_cache=scratch, remote_repos=GlobalSettings.load().repositories or None)

    def fetch(jar: Jar) -> None:
        try:
            path = context.create_dependency(jar.coordinate).artifact.resolve()
        except RuntimeError:  # jgo's word for "no repository has it"
            message = f"no repository holds {jar.coordinate}"
            raise JarsMissing(message) from None
        jar.check(path)
        path.replace(folder / jar.file)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(fetch, wanted))
