"""The start-up archive (Java's AOT cache): Kafka's classes, loaded and linked once per user.

With it a node is ready in one second instead of four. It is a convenience: Java itself checks that it
fits the runtime and the jars, and goes without when it does not.
"""

from collections.abc import Sequence
from pathlib import Path

from app.kafka.embedded import java


def place(classpath: Sequence[Path]) -> Path:
    """Return where the archive for `classpath` and this Java stands."""
    return classpath[0].parent / f"java-{java.version()}.aot"


def options(classpath: Sequence[Path]) -> tuple[str, ...]:
    """Return the options that make Java use the archive; none where there is none."""
    file = place(classpath)
    useful = file.exists() and file.stat().st_size > 0  # empty: making it was tried and failed
    return (f"-XX:AOTCache={file}",) if useful else ()
