import ssl
from pathlib import Path

import pytest

from app.kafka.client import NoKafka, client_options, servers
from app.process.fail import FAILED, exit_code
from app.settings import BadSettings, load


def test_a_plain_cluster_needs_its_address_alone() -> None:
    assert client_options(load(kafka="k1:9092")) == {
        "bootstrap_servers": "k1:9092",
        "security_protocol": "PLAINTEXT",
    }


def test_a_cluster_with_passwords_and_certificates_gets_both() -> None:
    options = client_options(
        load(
            kafka="k1:9093",
            kafka_security_protocol="SASL_SSL",
            kafka_sasl_mechanism="SCRAM-SHA-512",
            kafka_sasl_username="me",
            kafka_sasl_password="hush",
        )
    )

    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("me", "hush")
    assert options["ssl_context"].verify_mode is ssl.CERT_REQUIRED
    assert options["ssl_context"].check_hostname


def test_a_name_and_password_without_tls_bring_no_tls() -> None:
    options = client_options(
        load(
            kafka="k:1",
            kafka_security_protocol="SASL_PLAINTEXT",
            kafka_sasl_username="me",
            kafka_sasl_password="hush",
        )
    )

    assert "ssl_context" not in options


def test_authorities_that_are_none_are_a_bad_setting(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("hello")

    with pytest.raises(BadSettings, match=r"^FRESHFORCE_KAFKA_CA: "):
        client_options(load(kafka="k:1", kafka_security_protocol="SSL", kafka_ca=tmp_path / "ca.pem"))


def test_without_any_kafka_a_person_is_told_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NoKafka) as stopped:
        servers(load(home=tmp_path))

    assert "freshforce kafka start" in stopped.value.mend
    assert exit_code(stopped.value) == FAILED, "the embedded Kafka may be about to come back: try again"
