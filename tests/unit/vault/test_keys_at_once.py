"""Two who make keys at the same moment: neither loses the other's."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.vault.keys import SIZE, add, load


def test_keys_that_are_made_at_the_same_moment_are_all_kept(tmp_path: Path) -> None:
    secrets = [bytes([number]) * SIZE for number in range(40)]

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda secret: add(tmp_path / "keys", secret), secrets))

    assert {key.id for key in made} == set(load(tmp_path / "keys").keys)
