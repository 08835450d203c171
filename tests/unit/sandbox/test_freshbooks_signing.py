import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from app.sandbox.freshbooks.signing import signature, signed_message

VECTORS = Path(__file__).parents[3].parent / "shared" / "fixtures" / "freshbooks" / "webhook_vectors.json"
RECORDED = {
    "name": "client.update",
    "object_id": "921895",
    "user_id": "1",
    "identity_id": "14051539",
    "business_id": "14393743",
    "account_id": "p7rQW5",
}


def _vectors() -> list[dict[str, Any]]:
    if not VECTORS.exists():
        return []
    vectors: list[dict[str, Any]] = json.loads(VECTORS.read_text())
    return vectors


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared fixtures are not here")
@pytest.mark.parametrize("vector", _vectors(), ids=lambda vector: vector["name"])
def test_each_vector_gets_the_signature_that_was_worked_out(vector: dict[str, Any]) -> None:
    fields = dict(parse_qsl(vector["form_body"], keep_blank_values=True))

    assert signed_message(fields) == vector["computed_signed_string"]
    assert signature(fields, vector["computed_with_verifier"]) == vector["computed_signature_base64"]


def test_the_recorded_event_is_signed_as_worked_out_by_hand() -> None:
    signed = signature(RECORDED, "scADVVi5QuKuj5qTjVkbJNYQe7V7USpGd")

    assert signed == "iJZOXmjrd3oWVqpjPSOD3T4h++SND5zKcEcZTK3y6g0="


def test_the_order_of_the_fields_is_signed_too() -> None:
    turned = dict(reversed(RECORDED.items()))

    assert signature(turned, "key") != signature(RECORDED, "key")


def test_non_ascii_is_escaped_and_slashes_are_not() -> None:
    assert signed_message({"system": "https://a/ü"}) == '{"system": "https://a/\\u00fc"}'
