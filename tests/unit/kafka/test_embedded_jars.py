"""Jars come from a Maven repository on this machine: the real resolver, the real checks, no network."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.kafka.embedded import jars
from app.kafka.embedded.failures import JarAltered, JarsMissing

CONTENT = b"the bytes of a jar"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    root = tmp_path / "repository"
    root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _use(f"http://127.0.0.1:{server.server_port}", tmp_path, monkeypatch)
    yield root
    server.shutdown()
    server.server_close()


def _use(repository: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "jgo.conf"
    config.write_text(f"[repositories]\ncentral = {repository}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(config))


def _manifest(tmp_path: Path, content: bytes = CONTENT) -> Path:
    file = tmp_path / "jars.sha256"
    file.write_text(f"{hashlib.sha256(content).hexdigest()}  org.example:tool:1.0\n")
    return file


def _publish(repository: Path, content: bytes = CONTENT) -> None:
    folder = repository / "org/example/tool/1.0"
    folder.mkdir(parents=True)
    (folder / "tool-1.0.jar").write_bytes(content)


def test_a_missing_jar_is_fetched_checked_and_kept(repository: Path, tmp_path: Path) -> None:
    _publish(repository)

    (jar,) = jars.classpath(tmp_path / "cache", _manifest(tmp_path))

    assert jar == tmp_path / "cache" / "tool-1.0.jar"
    assert jar.read_bytes() == CONTENT
    assert {file.name for file in jar.parent.iterdir()} == {"tool-1.0.jar", "lock"}


def test_a_second_start_asks_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _use("http://127.0.0.1:9", tmp_path, monkeypatch)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "tool-1.0.jar").write_bytes(CONTENT)

    (jar,) = jars.classpath(tmp_path / "cache", _manifest(tmp_path))

    assert jar.exists()


def test_a_fetched_jar_with_other_bytes_never_enters_the_cache(repository: Path, tmp_path: Path) -> None:
    _publish(repository, b"something else")

    with pytest.raises(JarAltered, match=r"tool-1\.0\.jar is not the org\.example:tool:1\.0"):
        jars.classpath(tmp_path / "cache", _manifest(tmp_path))

    assert not (tmp_path / "cache" / "tool-1.0.jar").exists()


def test_a_cached_jar_that_was_altered_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    altered = tmp_path / "cache" / "tool-1.0.jar"
    altered.write_bytes(b"tampered")

    with pytest.raises(JarAltered, match=str(altered)):
        jars.classpath(tmp_path / "cache", _manifest(tmp_path))


def test_without_a_network_the_first_start_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _use("http://127.0.0.1:9", tmp_path, monkeypatch)

    with pytest.raises(JarsMissing) as stopped:
        jars.classpath(tmp_path / "cache", _manifest(tmp_path))

    assert "could not be fetched" in str(stopped.value)
    assert "FRESHFORCE_KAFKA" in stopped.value.mend
    assert "127.0.0.1" not in str(stopped.value)


def test_a_repository_that_lacks_a_jar_is_told_from_no_network(repository: Path, tmp_path: Path) -> None:
    assert repository.is_dir()

    with pytest.raises(JarsMissing, match=r"no repository holds org\.example:tool:1\.0"):
        jars.classpath(tmp_path / "cache", _manifest(tmp_path))


def test_two_first_starts_at_once_fetch_once_and_both_succeed(repository: Path, tmp_path: Path) -> None:
    _publish(repository)
    manifest, found = _manifest(tmp_path), []
    both = [
        threading.Thread(target=lambda: found.append(jars.classpath(tmp_path / "cache", manifest)))
        for _ in range(2)
    ]

    for one in both:
        one.start()
    for one in both:
        one.join(30)

    assert len(found) == 2
    assert found[0] == found[1]


def test_the_cache_follows_the_xdg_rule(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert jars.cache() == tmp_path / "freshforce" / "kafka-4.3.1"
