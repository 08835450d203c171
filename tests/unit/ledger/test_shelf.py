"""A client's pages change as one, wherever a crash cuts."""

import pytest

from streams.ledger.shelf import Shelf


class CutOff(dict[bytes, bytes]):
    """Takes so many writes, then loses the rest, as a changelog whose end never arrived."""

    def __init__(self, writes: int) -> None:
        super().__init__()
        self.writes = writes

    def __setitem__(self, key: bytes, value: bytes) -> None:
        if self.writes:
            self.writes -= 1
            super().__setitem__(key, value)


@pytest.mark.parametrize("writes", [0, 1, 2, 3])
def test_either_all_of_a_change_is_there_or_nothing(writes: int) -> None:
    state = CutOff(writes)
    shelf = Shelf.opened(state, b"acme:7")
    shelf.put(b":i:1", b"one")
    shelf.put(b":i:2", b"two")
    shelf.save(b"head")
    state.writes = 9

    found = Shelf.opened(state, b"acme:7")

    seen = (found.head, found.page(b":i:1"), found.page(b":i:2"))
    assert seen == ((b"head", b"one", b"two") if writes else (b"", b"", b""))


def test_mending_never_brings_back_an_older_page() -> None:
    state: dict[bytes, bytes] = {}
    for page in (b"old", b"new"):
        shelf = Shelf.opened(state, b"acme:7")
        shelf.put(b":i:1", page)
        shelf.save(b"head")

    assert Shelf.opened(state, b"acme:7").page(b":i:1") == b"new"


def test_a_page_shows_what_was_put_before_it_is_saved() -> None:
    state: dict[bytes, bytes] = {}
    shelf = Shelf.opened(state, b"acme:7")

    shelf.put(b":c", b"client")

    assert shelf.page(b":c") == b"client"
    assert state == {}
