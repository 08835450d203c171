"""Read from Kafka's log why it ended."""

from pathlib import Path

from app.kafka.embedded.failures import DiskFull, EmbeddedKafkaFailed, KafkaCrashed, PortTaken

TAIL = 12
"""Lines of the log that a person is shown: a Java stack trace says what matters at its head."""
NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large")


def diagnose(output: Path) -> EmbeddedKafkaFailed:
    """Return the failure that Kafka's last words describe."""
    text = output.read_text(errors="replace") if output.exists() else ""
    if "Address already in use" in text:
        return PortTaken(f"Kafka could not listen: another program has its port; its log is {output}")
    if any(words in text for words in NO_ROOM):
        return DiskFull(f"Kafka ended: no space left; its log is {output}")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("at ")]
    return KafkaCrashed("\n".join((f"Kafka ended; its log is {output}", *lines[-TAIL:])))
