from pathlib import Path

import pytest

from app.vault.keys import BadKeys, Key, add, drop, keyring, load, put_back, read
from tests.builders.vault import KEY, OTHER_KEY


def test_a_made_key_is_found_again_and_seals(tmp_path: Path) -> None:
    file = tmp_path / "state" / "keys"

    made = add(file, b"x" * 32)

    assert load(file).active == made
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_new_key_seals_and_the_older_one_still_opens(tmp_path: Path) -> None:
    old = add(tmp_path / "keys", b"x" * 32)
    new = add(tmp_path / "keys", b"y" * 32)

    ring = load(tmp_path / "keys")

    assert ring.active == new
    assert ring[old.id] == old


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    add(tmp_path / "keys", b"x" * 32)
    (tmp_path / "keys").chmod(mode)

    with pytest.raises(BadKeys, match=f"mode {mode:04o}") as refused:
        load(tmp_path / "keys")

    assert refused.value.mend == f"chmod 600 {tmp_path / 'keys'}"


def test_no_key_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadKeys) as refused:
        load(tmp_path / "keys")

    assert "freshforce keys new" in refused.value.mend


def test_the_environments_keys_win_over_the_file(tmp_path: Path) -> None:
    add(tmp_path / "one", b"x" * 32)
    given = (tmp_path / "one").read_text()
    add(tmp_path / "two", b"y" * 32)

    assert load(tmp_path / "two", given).active.secret == b"x" * 32
    assert load(tmp_path / "nowhere", given.replace("\n", ",")).active.secret == b"x" * 32


def test_a_key_that_was_made_since_is_found_by_those_who_run(tmp_path: Path) -> None:
    add(tmp_path / "keys", b"x" * 32)
    running = load(tmp_path / "keys")

    made = add(tmp_path / "keys", b"y" * 32)

    assert running[made.id] == made
    assert running.active == made


def test_a_missing_key_is_named() -> None:
    with pytest.raises(BadKeys, match=OTHER_KEY.id):
        keyring((KEY,))[OTHER_KEY.id]


@pytest.mark.parametrize(
    "line",
    [
        f"{KEY.id}:!!!",
        f"{KEY.id}:",
        f"{KEY.id}:{'a2tr'}",
        "nonsense",
        f"{OTHER_KEY.id}:" + "a2tr" * 10 + "a2s=",
    ],
)
def test_a_key_that_is_not_what_its_line_says_is_named_and_refused(line: str) -> None:
    with pytest.raises(BadKeys) as refused:
        read(line)

    assert "a2tr" not in str(refused.value)


def test_comments_and_blank_lines_are_nothing() -> None:
    with pytest.raises(BadKeys):
        keyring(read("# the keys of acme\n\n"))


def test_a_key_prints_as_its_id() -> None:
    assert "k" * 8 not in repr(KEY)
    assert KEY.id in repr(KEY)


def test_a_key_of_another_size_is_refused() -> None:
    with pytest.raises(BadKeys):
        Key.of(b"short")


def test_a_key_that_encrypts_is_not_dropped_and_an_older_one_is(tmp_path: Path) -> None:
    old, new = add(tmp_path / "keys", b"x" * 32), add(tmp_path / "keys", b"y" * 32)

    with pytest.raises(BadKeys, match="the one that encrypts"):
        drop(tmp_path / "keys", new.id)
    assert drop(tmp_path / "keys", old.id) == old

    assert list(load(tmp_path / "keys").keys) == [new.id]
    with pytest.raises(BadKeys, match="there is no key"):
        drop(tmp_path / "keys", old.id)


def test_a_key_that_was_dropped_too_early_comes_back_without_encrypting(tmp_path: Path) -> None:
    old, new = add(tmp_path / "keys", b"x" * 32), add(tmp_path / "keys", b"y" * 32)

    put_back(tmp_path / "keys", drop(tmp_path / "keys", old.id))

    assert load(tmp_path / "keys").active == new
    assert load(tmp_path / "keys")[old.id] == old


def test_a_running_process_seals_with_a_key_that_was_made_since(tmp_path: Path) -> None:
    add(tmp_path / "keys", b"x" * 32)
    running = load(tmp_path / "keys")

    made = add(tmp_path / "keys", b"y" * 32)

    assert running.active == made


def test_a_file_that_is_away_for_a_moment_costs_nothing_that_is_to_be_sealed(tmp_path: Path) -> None:
    made = add(tmp_path / "keys", b"x" * 32)
    running = load(tmp_path / "keys")

    (tmp_path / "keys").unlink()

    assert running.active == made


def test_a_made_key_outlives_a_power_cut_its_folder_is_on_the_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(
        "os.fsync", lambda descriptor: synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
    )

    add(tmp_path / "keys", b"x" * 32)

    assert synced == ["keys.new", tmp_path.name]


def test_in_the_environment_a_key_that_comes_in_front_and_then_to_the_end_is_never_missing() -> None:
    old, both, turned = (keyring(keys) for keys in ((KEY,), (OTHER_KEY, KEY), (KEY, OTHER_KEY)))

    for before, after in ((old, both), (both, turned)):  # roles are restarted one by one: some are as before
        assert before[after.active.id] == after.active
        assert after[before.active.id] == before.active
    assert turned.active == OTHER_KEY
    with pytest.raises(BadKeys, match=f"the key {OTHER_KEY.id} is missing"):
        old[turned.active.id]
