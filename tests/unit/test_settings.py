from pathlib import Path

import pytest

from app.settings import BadSettings, load


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("KAFKA", "HOME", "PARTITIONS", "LISTEN", "KEYS"):
        monkeypatch.delenv(f"FRESHFORCE_{name}", raising=False)


def test_without_any_setting_we_bring_our_own_kafka_and_one_copy_of_everything() -> None:
    settings = load()

    assert settings.embedded
    assert (settings.partitions, settings.replication, settings.min_insync) == (4, 1, 1)
    assert settings.key_file == Path(".freshforce/keys")
    assert settings.database == "sqlite+aiosqlite:///.freshforce/view.sqlite"


def test_a_real_cluster_is_asked_for_three_copies_of_which_two_must_be_written() -> None:
    settings = load(kafka="k1:9092,k2:9092")

    assert not settings.embedded
    assert (settings.replication, settings.min_insync) == (3, 2)


def test_a_dot_env_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("FRESHFORCE_PARTITIONS=7\nFRESHFORCE_LISTEN=0.0.0.0:1\nOTHER=x\n")
    monkeypatch.setenv("FRESHFORCE_PARTITIONS", "8")

    settings = load()

    assert (settings.partitions, settings.listen) == (8, "0.0.0.0:1")


def test_a_bad_setting_names_itself_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRESHFORCE_HOME", "state")
    monkeypatch.setenv("FRESHFORCE_PARTITIONS", "many-secret-words")

    with pytest.raises(BadSettings) as stopped:
        load()

    assert str(stopped.value).startswith("FRESHFORCE_PARTITIONS: ")
    assert len(str(stopped.value).splitlines()) == 1
    assert "secret-words" not in str(stopped.value)


@pytest.mark.parametrize("where", ["environment", ".env"])
def test_a_misspelt_setting_is_refused_with_the_one_that_was_meant(
    where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == ".env":
        Path(".env").write_text("FRESHFORCE_LISTN=127.0.0.1:80\n")
    else:
        monkeypatch.setenv("FRESHFORCE_LISTN", "127.0.0.1:80")

    with pytest.raises(
        BadSettings, match="FRESHFORCE_LISTN: no such setting; did you mean FRESHFORCE_LISTEN"
    ):
        load()


def test_the_live_tests_variables_are_no_misspelt_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRESHFORCE_LIVE_FRESHBOOKS_TOKEN", "x")

    assert load().embedded


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"kafka": "k:1", "replication": 1}, "min_insync must not exceed replication"),
        ({"kafka_security_protocol": "SASL_SSL"}, "kafka_sasl_username and _password are needed"),
        (
            {"kafka_security_protocol": "SASL_SSL", "kafka_sasl_username": "me"},
            "kafka_sasl_username and _password are needed",
        ),
        ({"kafka_ca": Path("nowhere.pem")}, "kafka_ca names no file"),
        ({"listen": "8080"}, "FRESHFORCE_LISTEN: must be host:port"),
        ({"listen": "localhost:99999"}, "FRESHFORCE_LISTEN: must be host:port"),
        ({"public_url": "example.com"}, "FRESHFORCE_PUBLIC_URL: must be a URL"),
        ({"partitions": 0}, "FRESHFORCE_PARTITIONS: Input should be greater than or equal to 1"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(given: dict[str, object], says: str) -> None:
    with pytest.raises(BadSettings, match=says):
        load(**given)


def test_secrets_are_masked_wherever_settings_are_printed() -> None:
    settings = load(
        database_url="postgresql+asyncpg://me:canary@db/x", kafka_sasl_password="canary", keys="canary"
    )

    assert "canary" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.database == "postgresql+asyncpg://me:canary@db/x"


def test_settings_never_change_once_made() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().partitions = 5  # type: ignore[misc]


def test_a_setting_that_is_left_empty_has_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRESHFORCE_KAFKA_CA", "")
    monkeypatch.setenv("FRESHFORCE_PARTITIONS", "")

    settings = load()

    assert (settings.kafka_ca, settings.partitions) == (None, 4)
