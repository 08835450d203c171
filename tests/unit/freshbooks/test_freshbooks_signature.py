import json
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.freshbooks.form import parse
from app.freshbooks.signature import Verifier, fingerprint, sign, verify
from tests.builders.freshbooks import VERIFIER, fields, webhook

VECTORS = Path(__file__).parents[4] / "shared" / "fixtures" / "freshbooks" / "webhook_vectors.json"
OURS = (Verifier.of(VERIFIER),)


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared fixtures are not here")
@pytest.mark.parametrize("place", range(4))
def test_the_computed_vectors_verify(place: int) -> None:
    vector: dict[str, Any] = json.loads(VECTORS.read_text())[place]
    secret = vector["computed_with_verifier"]

    matched = verify(
        vector["form_body"].encode(), vector["computed_signature_base64"], (Verifier.of(secret),)
    )

    assert matched == fingerprint(secret)


def test_a_documented_delivery_has_the_signature_of_the_fact_sheet() -> None:
    body, signature = webhook()

    assert signature == "iJZOXmjrd3oWVqpjPSOD3T4h++SND5zKcEcZTK3y6g0="
    assert verify(body, signature, OURS) == sha256(VERIFIER.encode()).hexdigest()[:8]


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_what_is_signed_is_the_json_that_python_writes(form: dict[str, str]) -> None:
    expected = b64encode(digest(b"secret", json.dumps(form).encode(), "sha256"))

    assert sign(form, b"secret") == expected


def test_any_verifier_of_the_set_may_have_signed_and_the_answer_names_it() -> None:
    body, signature = webhook("new-secret")

    assert verify(body, signature, (*OURS, Verifier.of("new-secret"))) == fingerprint("new-secret")


def test_another_tenants_verifier_does_not_count() -> None:
    body, signature = webhook("somebody-elses")

    assert verify(body, signature, OURS) is None


def test_without_a_verifier_nothing_verifies() -> None:
    body, signature = webhook()

    assert verify(body, signature, ()) is None


def test_a_signature_over_the_raw_body_is_refused() -> None:
    body, _ = webhook()

    assert verify(body, b64encode(digest(VERIFIER.encode(), body, "sha256")).decode(), OURS) is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda mac: mac.hex(),
        lambda mac: urlsafe_b64encode(mac).decode(),
        lambda mac: b64encode(mac).decode().rstrip("="),
        lambda mac: b64encode(mac).decode() + "\n",
        lambda mac: " " + b64encode(mac).decode(),
        lambda mac: "sha256=" + b64encode(mac).decode(),
        lambda mac: b64encode(mac).decode()[:-2] + "1=",
        lambda _: "",
        lambda _: "é" * 44,
        lambda _: "A" * 1_000_000,
        lambda _: "\udcff" * 44,
    ],
)
def test_only_the_exact_base64_text_counts(wrong: Any) -> None:
    # The verifier is chosen so that its signature has both + and /, or url-safe base64 would not differ.
    body, _ = webhook()
    mac = digest(VERIFIER.encode(), json.dumps(fields()).encode(), "sha256")

    assert b"+" in b64encode(mac)
    assert verify(body, wrong(mac), OURS) is None


@pytest.mark.parametrize("name", list(fields()))
def test_one_changed_byte_in_any_field_is_noticed(name: str) -> None:
    _, signature = webhook()
    forged, _ = webhook(**{name: fields()[name][:-1] + "x"})

    assert verify(forged, signature, OURS) is None


def test_fields_signed_in_sorted_order_verify_however_they_were_sent() -> None:
    body, _ = webhook()
    signature = sign(dict(sorted(fields().items())), VERIFIER.encode()).decode()

    assert verify(body, signature, OURS) == fingerprint(VERIFIER)


def test_reordered_fields_verify_only_in_the_order_signed_or_sorted() -> None:
    body, signature = webhook()
    reordered = b"&".join(reversed(body.split(b"&")))

    assert verify(reordered, signature, OURS) is None


@pytest.mark.parametrize(
    "value", ["Zoë & Söhne", "🧾", "a+b c", "x\r\nSet-Cookie: y", '"quoted"\\', "a:b, c/d", ""]
)
def test_values_of_every_kind_verify_as_signed(value: str) -> None:
    body, signature = webhook(system=value)

    assert verify(body, signature, OURS) == fingerprint(VERIFIER)
    assert parse(body)["system"] == value


def test_a_verifier_prints_as_its_fingerprint() -> None:
    assert VERIFIER not in repr(OURS[0])
    assert fingerprint(VERIFIER) in repr(OURS[0])
