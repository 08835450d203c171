"""What is shown of a dead letter's bytes."""

import orjson

from app.deadletters.masked import masked


def test_keys_are_shown_and_values_are_not() -> None:
    raw = orjson.dumps({"name": "Åsa", "amount": {"code": "CAD"}, "id": 7, "paid": True, "note": None})

    assert masked(raw) == {
        "name": "(text, 3)",
        "amount": {"code": "(text, 3)"},
        "id": "(number)",
        "paid": "(yes or no)",
        "note": None,
    }


def test_a_list_shows_the_shape_of_its_first_element_and_its_length() -> None:
    assert masked(b'["a", "b", "c"]') == ["(text, 1)", "(3 in all)"]
    assert masked(b"[]") == []


def test_bytes_that_are_no_json_show_only_how_many_they_are() -> None:
    assert masked(b"\xff secret") == "(8 bytes that are no JSON)"


def test_a_tombstone_says_that_it_is_one() -> None:
    assert masked(None) == "(a tombstone: no value)"
