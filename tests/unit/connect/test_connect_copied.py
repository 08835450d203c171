"""A connection into which a history was copied has no FreshBooks to ask."""

import pytest

from app.connect.copied import NoBooks, copy_again, refuse_copied
from tests.builders.records import A_CONNECTION


def test_freshbooks_is_not_asked_for_a_history_that_was_copied_and_what_to_do_instead_is_said() -> None:
    copied = A_CONNECTION.model_copy(update={"copied": True})

    with pytest.raises(NoBooks, match="acme has no FreshBooks of its own: a history was copied") as refused:
        refuse_copied(copied, copy_again(copied))

    assert "freshforce replay copy ORIGIN --to acme --apply" in refused.value.mend


def test_any_other_connection_may_ask() -> None:
    refuse_copied(A_CONNECTION, "")
