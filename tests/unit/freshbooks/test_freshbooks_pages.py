from typing import Any

import pytest

from app.freshbooks.pages import MOST_PAGES, page_of
from app.freshbooks.refused import Unreadable


def answer(**given: Any) -> dict[str, Any]:
    result = {"clients": [{"id": 1}], "page": 1, "pages": 3, "per_page": 1, "total": 3} | given
    return {"response": {"result": result}}


@pytest.mark.parametrize(
    ("given", "number", "last"),
    [
        ({}, 1, False),
        ({}, 3, True),
        ({"clients": []}, 1, True),
        ({"total": 99}, 3, True),
        ({"pages": None}, 7, False),
        ({"pages": "many"}, 7, False),
    ],
)
def test_a_list_ends_with_its_last_page_or_an_empty_one(
    given: dict[str, Any],
    number: int,
    last: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert page_of(answer(**given), "clients", number).last is last


@pytest.mark.parametrize("clients", [None, {}, "text", 7])
def test_what_is_no_list_is_unreadable(clients: Any) -> None:
    with pytest.raises(Unreadable, match="clients"):
        page_of(answer(clients=clients), "clients", 1)


def test_a_list_without_end_is_no_list() -> None:
    with pytest.raises(Unreadable, match="do not end"):
        page_of(answer(pages=None), "clients", MOST_PAGES)
