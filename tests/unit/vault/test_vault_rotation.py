"""Grants under a new key, while they change."""

import asyncio

import pytest

from app.vault.access import Grants
from app.vault.grants import FreshBooksGrant, SalesforceGrant
from app.vault.keys import BadKeys
from app.vault.rotation import rotate, uses
from app.vault.seal import Sealer
from streams.domain.grant import Sealed, Side
from streams.domain.identity import ConnectionName
from tests.builders.vault import ACME, KEY, NOW, OTHER_KEY, a_freshbooks_grant, a_sealer
from tests.fakes.grants_view import GrantsView

OLD = a_sealer(KEY)
NAMES = [ConnectionName(f"c{number}") for number in range(5)]


def a_house(*sealed: Sealed, sealer: Sealer | None = None) -> Grants:
    view = GrantsView(*sealed)
    return Grants(view, sealer or a_sealer(KEY, OTHER_KEY), view.write, lambda: view.succession.mending)


def with_the_old_key(*names: ConnectionName) -> list[Sealed]:
    return [OLD.seal(a_freshbooks_grant(), name, 3, NOW) for name in names]


async def rotated(grants: Grants) -> list[str]:
    return [each.key async for each in rotate(grants)]


async def test_every_grant_is_the_same_under_the_new_key() -> None:
    grants = a_house(*with_the_old_key(*NAMES))

    assert len(await rotated(grants)) == 5

    assert uses(grants) == {OTHER_KEY.id: 5}
    for name in NAMES:
        held = grants.held(FreshBooksGrant, name, Side.FRESHBOOKS)
        assert held is not None
        assert (held.grant, held.generation) == (a_freshbooks_grant(), 3)


async def test_to_rotate_again_changes_nothing() -> None:
    grants = a_house(*with_the_old_key(*NAMES))
    await rotated(grants)

    assert await rotated(grants) == []


async def test_a_rotation_that_died_half_way_goes_on_where_it_stopped() -> None:
    grants = a_house(*with_the_old_key(*NAMES))
    async for each in rotate(grants):
        if each.connection == "c2":
            break

    assert await rotated(grants) == ["c3:freshbooks", "c4:freshbooks"]


async def test_a_token_renewed_meanwhile_is_not_written_over() -> None:
    (old,) = with_the_old_key(ACME)
    view = GrantsView(old)
    newer = OLD.seal(a_freshbooks_grant(client_id="newer"), ACME, 4, NOW)
    newer = newer.model_copy(update={"follows": old.mark})

    async def write(sealed: Sealed) -> None:
        if view[sealed.key] == old:
            view.put(newer)  # the keeper was a moment faster
        view.put(sealed)

    grants = Grants(view, a_sealer(KEY, OTHER_KEY), write)
    await rotated(grants)

    held = grants.held(FreshBooksGrant, ACME, Side.FRESHBOOKS)
    assert held is not None
    assert (held.grant.client_id, held.generation) == ("newer", 4)
    assert view[old.key].key_id == OTHER_KEY.id


async def test_a_renewal_under_way_stays_under_way() -> None:
    (old,) = with_the_old_key(ACME)
    started = old.model_copy(update={"started": "digest", "owner": "keeper"})
    grants = a_house(started)

    await rotated(grants)

    sealed = grants.sealed(ACME, Side.FRESHBOOKS)
    assert sealed is not None
    assert (sealed.started, sealed.owner, sealed.key_id) == ("digest", "keeper", OTHER_KEY.id)


async def test_a_grant_whose_key_is_missing_stops_the_rotation_and_names_the_key() -> None:
    grants = a_house(*with_the_old_key(ACME), sealer=a_sealer(OTHER_KEY))

    with pytest.raises(BadKeys, match=KEY.id):
        await rotated(grants)
    with pytest.raises(BadKeys, match=KEY.id):
        grants.refuse_closed()


def test_a_record_that_holds_another_grant_than_its_side_says_is_refused_at_the_start() -> None:
    grants = a_house(*with_the_old_key(ACME))

    grants.refuse_closed()

    assert grants.held(SalesforceGrant, ACME, Side.SALESFORCE) is None


async def test_two_rotations_at_once_end_as_one() -> None:
    grants = a_house(*with_the_old_key(*NAMES))

    await asyncio.gather(rotated(grants), rotated(grants))

    assert uses(grants) == {OTHER_KEY.id: 5}
