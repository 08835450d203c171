"""Rows X1 to X9 and X22 to X26 of the bad inputs: well-formed requests that are not what they say."""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode

import pytest

from app.freshbooks.signature import fingerprint
from app.ingress.rate import Allowance
from streams.domain.audit import AuditEntry, Verdict
from streams.domain.event import Event
from streams.domain.grant import VerifierOffered
from tests.builders.webhooks import (
    EXPIRED_SECRET,
    NOW,
    OLD_SECRET,
    PATH,
    PREFIX,
    SECRET,
    House,
    a_callback,
    a_form,
    a_house,
    a_webhook,
    http,
    signed,
)

OTHER_SECRET = "an0therTenantsVerifier0000000000"
OTHER_PATH = "ab" * 16


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house(a_callback(), a_callback(OTHER_PATH, "client", OTHER_SECRET)) as house:
        yield house


def audited(house: House) -> list[AuditEntry]:
    return [each for each in house.keep.kept if isinstance(each, AuditEntry)]


def events(house: House) -> list[Event]:
    return [each for each in house.keep.kept if isinstance(each, Event)]


async def test_a_signed_webhook_becomes_an_event_that_can_be_verified_again(house: House) -> None:
    form = a_form()

    status = await house.status(a_webhook())

    (event,) = events(house)
    assert status == 200
    assert (event.connection, event.object, event.object_id, event.action) == (
        "acme",
        "invoice",
        1234567,
        "update",
    )
    assert event.received_at == NOW
    assert event.webhook is not None
    assert event.webhook.body == urlencode(form)
    assert event.webhook.signature == signed(form)
    assert event.webhook.verifier == fingerprint(SECRET)


async def test_two_deliveries_alike_in_one_moment_are_two_events(house: House) -> None:
    await house.status(a_webhook())
    await house.status(a_webhook())

    first, second = events(house)
    assert first.id != second.id


async def test_x1_without_a_signature_it_is_401_and_audited(house: House) -> None:
    assert await house.status(http(urlencode(a_form()))) == 401

    (entry,) = audited(house)
    assert (entry.verdict, entry.rule) == (Verdict.AUTH_FAILED, "no signature")


async def test_x1_a_flood_without_signatures_is_a_few_entries_and_a_number(house: House) -> None:
    for _ in range(20):
        await house.status(http(urlencode(a_form())))

    house.reception.say_unsaid()

    assert [entry.details.get("further_refusals") for entry in audited(house)] == [None] * 5 + [15]


async def test_x2_another_tenants_verifier_is_401(house: House) -> None:
    assert await house.status(a_webhook(OTHER_SECRET)) == 401
    assert not events(house)


async def test_x3_a_signature_over_the_raw_body_is_401(house: House) -> None:
    body = urlencode(a_form())
    raw = base64.b64encode(hmac.digest(SECRET.encode(), body.encode(), "sha256")).decode()

    assert await house.status(http(body, X_FreshBooks_Hmac_SHA256=raw)) == 401


def spoilt() -> Iterator[str]:
    right = signed(a_form())
    digest = base64.b64decode(right)
    yield digest.hex()
    yield base64.urlsafe_b64encode(digest).decode().replace("=", "-")
    yield right.rstrip("=")
    yield right + "="
    yield f"sha256={right}"
    yield right.swapcase()
    yield f'"{right}"'


@pytest.mark.parametrize("signature", list(spoilt()))
async def test_x4_only_exact_base64_counts(house: House, signature: str) -> None:
    request = http(urlencode(a_form()), X_FreshBooks_Hmac_SHA256=signature)

    assert await house.status(request) == 401


async def test_x5_two_signature_headers_are_400_even_when_one_is_right(house: House) -> None:
    request = a_webhook().replace(b"\r\n\r\n", b"\r\nX-FreshBooks-Hmac-SHA256: abc\r\n\r\n", 1)

    assert await house.status(request) == 400
    assert not events(house)


@pytest.mark.parametrize(
    ("signature", "status"), [("A" * 2**15, 431), ("é" * 44, 401), ("\udcff" * 44, 401), ("", 401)]
)
async def test_x6_a_huge_or_foreign_signature_is_refused_quietly(
    house: House, signature: str, status: int
) -> None:
    assert await house.status(http(urlencode(a_form()), X_FreshBooks_Hmac_SHA256=signature)) == status


async def test_x6_a_megabyte_of_signature_is_cut_off(house: House) -> None:
    request = http(urlencode(a_form()), X_FreshBooks_Hmac_SHA256="A" * 2**20)

    assert await house.status(request) in {431, 0}, "0: we closed before the sender had finished"
    assert (house.tally.unparsable, house.tally.failed) == (1, 0)


@pytest.mark.parametrize("field", list(a_form()))
async def test_x7_a_changed_byte_in_any_field_is_401(house: House, field: str) -> None:
    form = a_form()
    changed = form | {field: form[field][:-1] + ("x" if form[field][-1] != "x" else "y")}

    assert await house.status(http(urlencode(changed), X_FreshBooks_Hmac_SHA256=signed(form))) == 401


async def test_x8_ten_thousand_replays_are_200_and_name_one_object(house: House) -> None:
    answers = await asyncio.gather(
        *(house.say(a_webhook() * 1_000, answers=1_000, patience=20) for _ in range(10))
    )

    assert sum(each.count(b"HTTP/1.1 200 ") for each in answers) == 10_000
    assert {(each.key, each.webhook) for each in events(house)} == {
        ("acme:invoice:1234567", events(house)[0].webhook)
    }


async def test_x8_past_its_allowance_a_callback_waits_and_the_others_do_not() -> None:
    other = a_callback(OTHER_PATH)
    async with a_house(a_callback(), other, allowed=Allowance(at_once=3, per_second=1)) as house:
        statuses = [await house.status(a_webhook()) for _ in range(4)]
        elsewhere = await house.status(a_webhook().replace(PATH.encode(), OTHER_PATH.encode()))
        house.seconds += 1
        later = await house.status(a_webhook())

    assert statuses == [200, 200, 200, 429]
    assert (elsewhere, later) == (200, 200)


async def test_x9_the_old_verifier_counts_within_its_grace(house: House) -> None:
    assert await house.status(a_webhook(OLD_SECRET)) == 200

    (event,) = events(house)
    assert event.webhook is not None
    assert event.webhook.verifier == fingerprint(OLD_SECRET)


async def test_x9_after_its_grace_it_is_401_and_the_audit_names_it(house: House) -> None:
    assert await house.status(a_webhook(EXPIRED_SECRET)) == 401

    (entry,) = audited(house)
    assert fingerprint(EXPIRED_SECRET) in entry.rule


@pytest.mark.parametrize(
    "name",
    ["estimate.create", "invoice", "invoice.", "invoice.pastdue.1", "🧾.create", "client.update", "x" * 999],
)
async def test_x22_what_we_do_not_carry_is_200_and_audited_and_no_event(house: House, name: str) -> None:
    assert await house.status(a_webhook(name=name)) == 200

    (entry,) = audited(house)
    assert (entry.verdict, entry.details["event"]) == (Verdict.IGNORED, name[:60])
    assert not events(house)


async def test_x22_it_is_503_while_the_audit_cannot_be_kept(house: House) -> None:
    house.keep.away = True

    assert await house.status(a_webhook(name="estimate.create")) == 503


IMPOSSIBLE = [
    "0",
    "-1",
    str(2**63),
    "9" * 40,
    "1e3",
    " 1",
    "1 ",
    "1;drop",
    "",
    "0x1",
    "\uff11",
    "007",
    "+1",
    "1.0",
]


@pytest.mark.parametrize("object_id", IMPOSSIBLE)
async def test_x23_a_signed_impossible_id_is_400_and_audited(house: House, object_id: str) -> None:
    assert await house.status(a_webhook(object_id=object_id)) == 400

    (entry,) = audited(house)
    assert (entry.verdict, events(house)) == (Verdict.REJECTED, [])


async def test_x23_the_largest_id_is_an_event(house: House) -> None:
    assert await house.status(a_webhook(object_id=str(2**63 - 1))) == 200


async def test_x24_another_account_validly_signed_is_403_and_a_security_entry(house: House) -> None:
    assert await house.status(a_webhook(account_id="p7rQW5")) == 403

    (entry,) = audited(house)
    assert (entry.verdict, entry.connection, events(house)) == (Verdict.SECURITY, "acme", [])


def a_handshake(verifier: str = "3bPTNcPgbN76QLgKLSR9XdgQJWvhhN4xrT", object_id: str = "2001") -> str:
    system = "https://2ndsite.freshbooks.com"
    return urlencode(
        {"name": "callback.verify", "object_id": object_id, "system": system, "verifier": verifier}
    )


async def test_x25_a_handshake_at_an_unknown_path_is_the_same_404_as_anything_else(house: House) -> None:
    unknown = PREFIX + "00" * 16

    offered = await house.say(http(a_handshake(), path=unknown))
    anything = await house.say(http("x=1", path="/"))

    assert offered == anything
    assert offered.startswith(b"HTTP/1.1 404 ")
    assert not house.keep.kept


async def test_x26_an_offered_verifier_is_sealed_and_sent_to_the_keeper_who_alone_decides(
    house: House,
) -> None:
    assert await house.status(http(a_handshake())) == 200

    (offer,) = house.keep.kept
    assert isinstance(offer, VerifierOffered)
    assert (offer.connection, offer.path, offer.callback_id) == ("acme", PATH, 2001)
    assert b"3bPTNc" not in offer.ciphertext
    assert await house.status(a_webhook("3bPTNcPgbN76QLgKLSR9XdgQJWvhhN4xrT")) == 401


@pytest.mark.parametrize(
    "body", [a_handshake(object_id="2002"), a_handshake(verifier=""), a_handshake("a b")]
)
async def test_x26_a_handshake_that_cannot_be_ours_is_the_same_404(house: House, body: str) -> None:
    assert await house.status(http(body)) == 404
    assert [each.verdict for each in audited(house)] == [Verdict.SECURITY]


async def test_x26_a_flood_of_handshakes_is_429(house: House) -> None:
    answers = [await house.status(http(a_handshake())) for _ in range(21)]

    assert answers == [200] * 20 + [429]
