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


def test_bytes_of_a_thousand_levels_are_looked_at_as_far_as_one_can_read() -> None:
    shown = masked(b'{"a":' * 1000 + b"1" + b"}" * 1000)

    depth = 0
    while isinstance(shown, dict):
        shown, depth = shown["a"], depth + 1
    assert (shown, depth) == ("(deeper than we look)", 32)


def test_a_list_says_its_length_when_it_has_more_than_it_shows() -> None:
    assert masked(b'{"one": [1], "two": [[1], [2]]}') == {
        "one": ["(number)"],
        "two": [["(number)"], "(2 in all)"],
    }


def test_lists_within_lists_are_looked_at_as_far_as_objects() -> None:
    shown = masked(b"[" * 100 + b"]" * 100)

    depth = 0
    while isinstance(shown, list):
        shown, depth = shown[0], depth + 1
    assert depth == 32
