"""docker-compose.yml and the Dockerfile, compared with the code they start."""

import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from app.cli import freshforce
from app.kafka.embedded.jars import KAFKA
from app.process.role import ROLES
from app.settings import PREFIX, Settings

COMPOSE = yaml.safe_load(Path("docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
BROKERS = {
    name: service for name, service in SERVICES.items() if service["image"].startswith("apache/kafka:")
}
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "freshforce"}
DOCKERFILE = Path("Dockerfile").read_text()


def test_three_brokers_keep_three_copies_of_which_two_must_be_written() -> None:
    assert len(BROKERS) == 3
    for broker in BROKERS.values():
        environment = broker["environment"]
        assert environment["KAFKA_DEFAULT_REPLICATION_FACTOR"] == "3"
        assert environment["KAFKA_MIN_INSYNC_REPLICAS"] == "2"
        assert environment["KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR"] == "3"
        assert environment["KAFKA_UNCLEAN_LEADER_ELECTION_ENABLE"] == "false"
        assert environment["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_the_brokers_are_one_quorum_and_keep_their_logs_apart() -> None:
    voters = {f"{service['environment']['KAFKA_NODE_ID']}@{name}:9093" for name, service in BROKERS.items()}

    assert {b["environment"]["KAFKA_CONTROLLER_QUORUM_VOTERS"] for b in BROKERS.values()} == {
        ",".join(sorted(voters))
    }
    assert len({broker["volumes"][0] for broker in BROKERS.values()}) == 3


def test_the_broker_is_the_version_that_we_embed() -> None:
    assert {broker["image"] for broker in BROKERS.values()} == {f"apache/kafka:{KAFKA}"}


def test_every_role_is_there_and_postgresql() -> None:
    roles = {service["command"][-1] for service in OURS.values() if "--roles" in service["command"]}

    assert roles == set(ROLES)
    assert SERVICES["postgres"]["image"].startswith("postgres:")
    assert SERVICES["worker"]["deploy"]["replicas"] >= 2


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_variable_is_a_setting_and_every_value_is_accepted(name: str) -> None:
    given: dict[str, Any] = {
        key.removeprefix(PREFIX).lower(): re.sub(r"\$\{[^}]*\}", "", value)
        for key, value in OURS[name]["environment"].items()
    }

    assert set(given) <= set(Settings.model_fields)
    settings = Settings(_env_file=None, **given)
    assert len(settings.kafka.split(",")) == 3
    assert (settings.replication, settings.min_insync) == (3, 2)


def test_the_images_own_variables_are_settings_too() -> None:
    named = set(re.findall(rf"{PREFIX}([A-Z_]+)=", DOCKERFILE))

    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields)


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_container_is_healthy_when_its_role_is_ready(name: str) -> None:
    test = OURS[name]["healthcheck"].get("test")

    assert test == ["CMD", "freshforce", "health"] or name == "topics"


@pytest.mark.parametrize("name", sorted(OURS))
def test_our_containers_cannot_write_to_themselves_nor_gain_rights(name: str) -> None:
    service = OURS[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]


def test_the_image_runs_as_nobody_special_from_hashed_packages() -> None:
    final = DOCKERFILE.rpartition("FROM ")[2]

    assert re.search(r"^USER (?!0|root)\d+", final, re.MULTILINE)
    assert "--require-hashes -r /src/requirements.lock" in DOCKERFILE
    assert 'ENTRYPOINT ["freshforce"]' in final


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_is_one_that_the_image_understands(name: str) -> None:
    verb, *options = OURS[name]["command"]

    command = freshforce.get_command(click.Context(freshforce), verb)

    assert command is not None
    known = {opt for p in command.params for opt in p.opts} | set(getattr(command, "commands", ()))
    assert {option for option in options if option not in ROLES} <= known


def test_only_the_public_listener_is_published() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}

    assert set(published) == {"ingress"}
    assert [port.rpartition(":")[2] for port in published["ingress"]] == ["8080"]


def test_secrets_come_from_outside() -> None:
    text = Path("docker-compose.yml").read_text()

    assert re.search(r"FRESHFORCE_KEYS: \$\{FRESHFORCE_KEYS:\?", text)
    assert set(re.findall(r"PASSWORD: (\S+)", text)) == {"${POSTGRES_PASSWORD:?choose"}
