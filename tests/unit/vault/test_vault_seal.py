import pytest
from pydantic import SecretStr

from app.vault.cipher import SealBroken
from app.vault.grants import FreshBooksGrant, SalesforceGrant, WebhooksGrant
from app.vault.keys import BadKeys
from app.vault.seal import Sealer
from streams.codec import decode, encode
from streams.domain.grant import Sealed, Side
from streams.domain.identity import ConnectionName
from tests.builders.vault import ACME, KEY, NOW, OTHER_KEY, a_callback, a_freshbooks_grant, a_sealer


def sealed(sealer: Sealer, generation: int = 1) -> Sealed:
    return sealer.seal(a_freshbooks_grant(), ACME, generation, NOW)


@pytest.mark.parametrize(
    ("grant", "side"),
    [
        (a_freshbooks_grant(), Side.FRESHBOOKS),
        (SalesforceGrant(client_id="app", client_secret=SecretStr("s")), Side.SALESFORCE),
        (WebhooksGrant(callbacks=(a_callback(verifier=SecretStr("v"), verified=True),)), Side.WEBHOOKS),
    ],
)
def test_a_sealed_grant_opens_as_it_was_after_a_trip_through_kafka(
    grant: FreshBooksGrant | SalesforceGrant | WebhooksGrant, side: Side
) -> None:
    sealer = a_sealer()

    there = decode(Sealed, encode(sealer.seal(grant, ACME, 7, NOW)))

    assert there.side is side
    assert sealer.open(type(grant), there) == grant


def test_callbacks_of_which_none_was_removed_are_written_as_the_version_before_reads_them() -> None:
    removed = a_callback()

    assert b"former" not in WebhooksGrant(callbacks=(a_callback(),)).reveal()
    assert b"former" in WebhooksGrant(former=(removed,)).reveal()


def test_kafka_sees_no_secret() -> None:
    assert b"canary" not in encode(sealed(a_sealer()))


@pytest.mark.parametrize(
    "change",
    [
        {"connection": ConnectionName("other")},
        {"side": Side.SALESFORCE},
        {"generation": 2},
        {"nonce": b"another nonc"},
        {"nonce": b""},
        {"ciphertext": b""},
        {"key_id": OTHER_KEY.id},
    ],
)
def test_a_seal_moved_or_altered_does_not_open(change: dict[str, object]) -> None:
    sealer = a_sealer(OTHER_KEY, KEY)

    with pytest.raises(SealBroken) as broken:
        sealer.open(FreshBooksGrant, sealed(sealer).model_copy(update=change))

    assert "canary" not in str(broken.value)


def test_every_single_altered_byte_breaks_the_seal() -> None:
    sealer = a_sealer()
    whole = sealed(sealer)

    for place in range(len(whole.ciphertext)):
        flipped = bytearray(whole.ciphertext)
        flipped[place] ^= 1
        with pytest.raises(SealBroken):
            sealer.open(FreshBooksGrant, whole.model_copy(update={"ciphertext": bytes(flipped)}))


def test_an_older_key_still_opens_and_the_newer_one_seals() -> None:
    old = sealed(a_sealer(KEY))

    both = a_sealer(KEY, OTHER_KEY)

    assert both.open(FreshBooksGrant, old) == a_freshbooks_grant()
    assert sealed(both).key_id == OTHER_KEY.id


def test_without_the_key_the_error_names_the_key() -> None:
    with pytest.raises(BadKeys, match=KEY.id):
        a_sealer(OTHER_KEY).open(FreshBooksGrant, sealed(a_sealer(KEY)))


def test_a_seal_of_one_kind_is_no_grant_of_another() -> None:
    sealer = a_sealer()

    with pytest.raises(SealBroken, match="SalesforceGrant"):
        sealer.open(SalesforceGrant, sealed(sealer))


def test_no_nonce_is_used_twice() -> None:
    sealer = a_sealer()

    assert sealed(sealer).nonce != sealed(sealer).nonce


def test_an_offered_verifier_opens_only_for_its_own_path_and_number() -> None:
    sealer = a_sealer()
    offer = sealer.offer(ACME, "ab" * 16, 778, "canary-verifier")

    assert sealer.offered(offer).get_secret_value() == "canary-verifier"
    assert b"canary" not in encode(offer)
    for change in ({"path": "cd" * 16}, {"callback_id": 779}, {"connection": ConnectionName("other")}):
        with pytest.raises(SealBroken):
            sealer.offered(offer.model_copy(update=change))


def test_grants_print_as_stars() -> None:
    grant = a_freshbooks_grant()

    assert "canary" not in repr(grant)
    assert "canary" not in str(grant)
    assert "canary" not in grant.model_dump_json()
    assert "canary" not in repr(grant.model_dump())
