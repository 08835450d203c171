"""Nothing in the repository leans on one machine, one index or one shell history."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from app.settings import Settings

LOCKS = ("requirements.lock", "requirements-dev.lock")
INDEXES = (
    r"pypi\.|files\.pythonhosted|repo\d?\.maven|apache\.org/maven2|registry\.(npmjs|hub)|docker\.io|ghcr\.io"
)
TEXT = {".py", ".toml", ".lock", ".md", ".yml", ".yaml", ".json", ".sha256", ".properties", ".cfg", ""}


def _files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        path for name in listed.stdout.splitlines() if (path := Path(name)).is_file() and path.suffix in TEXT
    ]


def test_no_file_names_a_package_index() -> None:
    here = Path(__file__).name
    assert [
        str(f) for f in _files() if f.name != here and re.search(INDEXES, f.read_text(errors="replace"))
    ] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", Path(lock).read_text().strip())

    assert len(entries) > 50
    for entry in entries:
        assert re.match(r"[a-z0-9._\[\]-]+==\S+", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_both_locks_pin_the_same_versions() -> None:
    run, dev = (
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", Path(lock).read_text(), re.MULTILINE)) for lock in LOCKS
    )

    assert run.items() <= dev.items()


def test_the_jars_are_pinned_by_coordinate_and_checksum() -> None:
    lines = Path("app/kafka/embedded/jars.sha256").read_text().splitlines()

    assert len(lines) == 46
    assert all(re.fullmatch(r"[0-9a-f]{64}  [^:\s]+:[^:\s]+:[^:\s]+", line) for line in lines)


def test_make_lists_what_it_can_do() -> None:
    shown = subprocess.run(["make"], capture_output=True, text=True, check=True).stdout

    for target in ("demo", "test", "run", "lint", "bench", "help"):
        assert re.search(rf"^  make {target} +\S", shown, re.MULTILINE), target


def test_ci_sees_to_a_browser_runs_make_test_and_nothing_else() -> None:
    commands = [
        line for line in Path(".ci/run").read_text().splitlines() if line and not line.startswith("#")
    ]

    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', ".ci/browser", "exec make test"]


def test_every_file_that_the_product_reads_is_packaged_with_it() -> None:
    packaged = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["app"]
    endings = {pattern.removeprefix("**/*") for pattern in packaged}
    beside = [f for f in Path("app").rglob("*.*") if f.suffix not in {".py", ".pyc"} and f.is_file()]

    assert beside
    assert [str(file) for file in beside if file.suffix not in endings] == []


def test_the_example_of_a_dot_env_names_every_setting_and_nothing_else() -> None:
    named = re.findall(r"^#?FRESHFORCE_([A-Z_]+)=", Path(".env.example").read_text(), re.MULTILINE)

    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)


def test_importing_any_module_does_nothing() -> None:
    modules = sorted(
        str(file.with_suffix("")).replace("/", ".").removesuffix(".__init__")
        for root in ("app", "streams")
        for file in Path(root).rglob("*.py")
    )
    program = (
        "import sys, threading, importlib, asyncio\n"
        "def forbid(event, args):\n"
        "    deeds = ('socket.connect', 'subprocess.Popen', 'os.posix_spawn', 'os.mkdir')\n"
        "    if event in deeds and args[:1] != ('file',):\n"  # the platform module asks file(1) about Python
        "        print('DID', event, args); raise SystemExit(1)\n"
        "sys.addaudithook(forbid)\n"
        f"for name in {modules}:\n"
        "    importlib.import_module(name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
    )

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr
