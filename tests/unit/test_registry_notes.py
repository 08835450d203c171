"""What the registry says of the installation itself."""

import os

from app.registry import Registry
from app.vault.access import Grants
from streams.domain.audit import AuditEntry
from streams.domain.message import Value
from tests.builders.vault import KEY, NOW, OTHER_KEY, a_sealer
from tests.fakes.grants_view import GrantsView


async def test_the_keys_that_are_here_are_one_entry_whoever_starts_how_often() -> None:
    said: list[Value] = []

    async def write(*values: Value) -> None:
        said.extend(values)

    for keys in ((KEY,), (KEY,), (KEY, OTHER_KEY)):
        registry = Registry({}, Grants(GrantsView(), a_sealer(*keys)), write, lambda: NOW, os.urandom, write)
        await registry.note_keys()

    first, again, rotated = (each for each in said if isinstance(each, AuditEntry))
    assert first == again
    assert (rotated.rule, rotated.details) == (
        f"the key {OTHER_KEY.id} encrypts",
        {"decrypts_only": [KEY.id]},
    )
