"""Bytes of a topic that carries one kind, or several."""

import pytest

from streams.codec import encode
from streams.domain.errors import Undecodable
from streams.domain.grant import RefreshAsked, Side
from streams.domain.identity import ConnectionName
from streams.loop.reading import reader
from streams.topics import EVENTS, GRANT_REQUESTS
from tests.builders.traffic import an_event


def test_the_tag_decides_where_several_kinds_share_a_topic() -> None:
    ask = RefreshAsked(id="1", connection=ConnectionName("north"), side=Side.SALESFORCE, generation=2)

    assert reader(GRANT_REQUESTS)(encode(ask)) == ask
    assert reader(EVENTS)(encode(an_event())) == an_event()


@pytest.mark.parametrize("raw", [None, b"", b"[]", b"7", b'{"kind":"event"}', b'{"kind":["x"]}', b"\xff"])
def test_what_is_none_of_the_kinds_is_undecodable(raw: bytes | None) -> None:
    with pytest.raises(Undecodable):
        reader(GRANT_REQUESTS)(raw)
