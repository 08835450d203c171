"""What an operator decides, in the environment or a `.env` file: frozen, checked at start, secrets masked."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from streams.domain.errors import Misconfigured

PREFIX = "FRESHFORCE_"
FOR_TESTS = ("FRESHFORCE_LIVE_", "FRESHFORCE_SEED")
"""Variables of our own tests; no settings of the product."""


class BadSettings(Misconfigured):
    """A setting is missing, wrong or unknown; the message names it, never its value."""

    code = "bad-settings"


def _listener(text: str) -> str:
    """Accept host:port."""
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdigit() and int(port) < 2**16):
        message = "must be host:port, such as 127.0.0.1:8080"
        raise ValueError(message)
    return text


def _web_address(text: str) -> str:
    """Accept nothing, or http(s)://host[:port][/path], and drop a last slash."""
    parts = urlsplit(text)
    if text and not (parts.scheme in {"http", "https"} and parts.hostname):
        message = "must be a URL, such as https://freshforce.example.com"
        raise ValueError(message)
    return text.rstrip("/")


Listener = Annotated[str, AfterValidator(_listener)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Settings(BaseSettings):
    """The settings of one installation. Empty `kafka` means the embedded one in `home`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    home: Path = Path(".freshforce")
    """State folder: embedded Kafka, SQLite, keys."""
    kafka: str = ""
    """Bootstrap servers, comma separated."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "PLAIN"
    kafka_sasl_username: str = ""
    kafka_sasl_password: SecretStr = SecretStr("")
    kafka_ca: Path | None = None
    """PEM file with the authorities that may sign the brokers' certificates."""
    partitions: Annotated[int, Field(ge=1, le=1024)] = 4
    """Of every topic alike: the tables and their inputs must agree."""
    replication: Annotated[int, Field(ge=1)] = Field(
        default_factory=lambda given: 3 if given.get("kafka") else 1
    )
    min_insync: Annotated[int, Field(ge=1)] = Field(
        default_factory=lambda given: 2 if given.get("kafka") else 1
    )
    database_url: SecretStr = SecretStr("")
    """SQLAlchemy URL of the audit view; it may hold a password, so read it through `database`."""
    listen: Listener = "127.0.0.1:8080"
    admin_listen: Listener = "127.0.0.1:8081"
    public_url: WebAddress = ""
    """Where FreshBooks reaches the ingress; needed for webhooks and for the OAuth redirect."""
    key_file: Path = Field(default_factory=lambda given: given.get("home", Path(".freshforce")) / "keys")
    keys: SecretStr = SecretStr("")
    """The key-encryption keys themselves, where a file does not fit (containers); it wins over `key_file`."""
    allow_http_vendors: bool = False
    backfill_ahead: Annotated[float, Field(ge=0)] = 20.0
    """Seconds of reading that a backfill keeps ahead of the workers: so long a webhook waits behind it at the
    most. 0: it waits for nobody."""

    @property
    def embedded(self) -> bool:
        """Tell whether we bring our own Kafka."""
        return not self.kafka

    @property
    def database(self) -> str:
        """URL of the audit view, with its password."""
        return self.database_url.get_secret_value() or f"sqlite+aiosqlite:///{self.home / 'view.sqlite'}"

    @property
    def _has_login(self) -> bool:
        return bool(self.kafka_sasl_username and self.kafka_sasl_password.get_secret_value())

    @model_validator(mode="after")
    def _agree(self) -> "Settings":
        if self.min_insync > self.replication:
            message = "min_insync must not exceed replication: no write would ever be accepted"
            raise ValueError(message)
        if self.kafka_security_protocol.startswith("SASL") and not self._has_login:
            message = f"kafka_sasl_username and _password are needed with {self.kafka_security_protocol}"
            raise ValueError(message)
        if self.kafka_ca is not None and not self.kafka_ca.is_file():
            message = "kafka_ca names no file"
            raise ValueError(message)
        return self


def load(**given: Any) -> Settings:
    """Return the settings of this process; `given` ones win over the environment and `.env`.

    Raises:
        BadSettings: names every bad setting; stop with exit code 2, a retry will not help.
    """
    wrong = _unknown()
    if wrong:
        raise BadSettings("\n".join(wrong), mend="see .env.example and README, Settings")
    try:
        return Settings(**given)
    except ValidationError as error:
        raise BadSettings("\n".join(_said(error)), mend="mend it in the environment or in .env") from None


def _said(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_input=False):
        if each["type"] != "default_factory_not_called":  # follows from another error
            yield _name(each["loc"]) + each["msg"].removeprefix("Value error, ")


def _name(where: tuple[int | str, ...]) -> str:
    return f"{PREFIX}{'_'.join(map(str, where)).upper()}: " if where else ""


def _unknown() -> list[str]:
    """Name the variables with our prefix that mean nothing: a misspelt setting is never ignored."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    seen = {name.upper() for name in (*os.environ, *dotenv_values(".env"))}
    strange = sorted(
        n for n in seen if n.startswith(PREFIX) and n not in known and not n.startswith(FOR_TESTS)
    )
    return [f"{name}: no such setting{_meant(name, known)}" for name in strange]


def _meant(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
