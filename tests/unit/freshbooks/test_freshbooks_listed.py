from typing import Any

import pytest

from app.freshbooks.client import Listed, listed
from app.freshbooks.refused import Unreadable
from streams.domain.identity import ObjectKind
from tests.builders.freshbooks import a_client, a_payment, an_invoice


def invoice(**given: Any) -> Listed:
    return listed(ObjectKind.INVOICE, an_invoice(**given))


@pytest.mark.parametrize(
    ("kind", "given", "object_id"),
    [
        (ObjectKind.CLIENT, a_client(), 567521),
        (ObjectKind.INVOICE, an_invoice(), 987654),
        (ObjectKind.PAYMENT, a_payment(), 312041),
    ],
)
@pytest.mark.parametrize("nameless", [False, True])
def test_an_object_is_known_by_either_of_its_ids(
    kind: ObjectKind,
    given: dict[str, Any],
    object_id: int,
    nameless: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    shown = {name: value for name, value in given.items() if name != "id"} if nameless else given

    found = listed(kind, shown)

    assert (found.kind, found.object_id) == (kind, object_id)


def test_an_object_that_we_could_not_read_is_listed_all_the_same() -> None:
    assert invoice(amount="canary", customerid=None, version=7).object_id == 987654


def test_two_changes_within_one_second_have_two_stamps() -> None:
    assert invoice(version="2026-06-29 12:52:44.1").stamp != invoice(version="2026-06-29 12:52:44.2").stamp


def test_an_object_that_was_deleted_has_another_stamp() -> None:
    assert invoice(vis_state=1).stamp != invoice(vis_state=0).stamp


def test_what_has_no_id_is_no_object() -> None:
    with pytest.raises(Unreadable, match="id"):
        listed(ObjectKind.INVOICE, {"updated": "2026-06-29 12:52:44"})
