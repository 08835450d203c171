"""Grants under a new key, while everybody goes on working."""

from collections import Counter
from collections.abc import AsyncIterator

from app.vault.access import Grants
from app.vault.seal import KINDS
from streams.domain.grant import Sealed


def sealed_with_others(grants: Grants) -> list[Sealed]:
    """Return the live grants whose key is not the one that seals; in a lasting order."""
    active = grants.sealer.keys.active.id
    return sorted((it for it in grants.view.values() if it.key_id != active), key=lambda it: it.key)


def uses(grants: Grants) -> Counter[str]:
    """Return how many live grants each key is needed for."""
    return Counter(it.key_id for it in grants.view.values())


async def rotate(grants: Grants) -> AsyncIterator[Sealed]:
    """Seal each live grant with the active key, and yield it; safe to repeat after a crash.

    What was sealed follows what it was made from, so a token that was renewed meanwhile is never written
    over: the newer one is sealed instead.

    Raises:
        BadKeys: a grant's key is missing; the others before it are done.
        Unreachable: Kafka does not answer; what was done is done.
    """
    await grants.view.caught_up()
    for old in sealed_with_others(grants):
        while (now := await grants.newest(old.connection, old.side)) is not None:
            if now.key_id == grants.sealer.keys.active.id:
                break
            if await grants.put(grants.sealer.again(KINDS[now.side], now)):
                break
        yield old
