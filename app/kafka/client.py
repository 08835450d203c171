"""How every client of ours reaches Kafka: one place turns the settings into aiokafka's options."""

import ssl
from pathlib import Path
from typing import Any

from app.kafka.embedded import single
from app.settings import BadSettings, Settings
from streams.domain.errors import Transient


class NoKafka(Transient):
    """No Kafka is configured and the embedded one does not run: it may in a moment."""

    code = "no-kafka"
    mend = "start it with `freshforce kafka start` or `freshforce run`, or set FRESHFORCE_KAFKA"


def servers(settings: Settings) -> str:
    """Return the bootstrap servers: the configured ones, else the running embedded Kafka's.

    Raises:
        NoKafka: neither is there.
    """
    if settings.kafka:
        return settings.kafka
    address = single.running(settings.home / "kafka")
    if address is None:
        message = f"no Kafka runs in {settings.home / 'kafka'}"
        raise NoKafka(message)
    return address


def client_options(settings: Settings) -> dict[str, Any]:
    """Return what every aiokafka client of ours is made with: where, and how it proves who it is.

    Raises:
        NoKafka: as `servers`.
        BadSettings: the authorities' file cannot be read as such.
    """
    options: dict[str, Any] = {
        "bootstrap_servers": servers(settings),
        "security_protocol": settings.kafka_security_protocol,
    }
    if "SSL" in settings.kafka_security_protocol.split("_"):
        options["ssl_context"] = _trusting(settings.kafka_ca)
    if settings.kafka_security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism,
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    return options


def _trusting(authorities: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authorities)
    except OSError as error:
        message = f"FRESHFORCE_KAFKA_CA: {error.strerror or 'no certificates in it'}"
        raise BadSettings(message, "name a PEM file with certificates, readable by us") from None
