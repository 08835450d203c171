"""An answer that does not add up says nothing of any row."""

from typing import Any

import pytest

from app.salesforce.answers.refusals import Refusal
from app.salesforce.answers.results import Asked, Known, results
from app.salesforce.shape.describe import Shape
from streams.ports import Applied
from tests.builders.salesforce import a_failed_row, a_reply

ONE, TWO = "001000000000001AAA", "001000000000002AAA"


SHAPE = Shape("Account", {}, frozenset(), "001")


def rows(*keys: str) -> list[Asked]:
    return [(key, key) for key in keys]


def taken(id_: str, *, created: bool = True) -> dict[str, Any]:
    return {"id": id_, "success": True, "errors": [], "created": created}


def test_each_row_has_its_own_result() -> None:
    said = [taken(ONE), a_failed_row("STRING_TOO_LONG", "", "Name"), taken(TWO, created=False)]

    outcomes = results(a_reply(200, said), SHAPE, rows("a", "b", "c"), Known())

    assert outcomes[0] == Applied(ONE, created=True)  # type: ignore[arg-type]
    assert isinstance(outcomes[1], Refusal)
    assert outcomes[1].code == "STRING_TOO_LONG"
    assert outcomes[2] == Applied(TWO, created=False)  # type: ignore[arg-type]


def test_a_failed_row_that_claims_to_be_created_has_failed() -> None:
    said = [a_failed_row("MALFORMED_ID") | {"created": True, "id": None}]

    assert isinstance(results(a_reply(200, said), SHAPE, rows("a"), Known())[0], Refusal)


@pytest.mark.parametrize(
    "said",
    [
        [taken(ONE)],
        [taken(ONE), taken(TWO), taken(TWO)],
        [taken(ONE), taken(ONE)],
        [taken(ONE), {"success": True}],
        [taken(ONE), {"success": True, "id": "short"}],
        [taken(ONE), {"success": False, "errors": []}],
        [taken(ONE), {"success": "yes", "id": TWO}],
        [taken(ONE), None],
        {"records": [taken(ONE), taken(TWO)]},
        [],
        None,
    ],
)
def test_an_answer_that_does_not_add_up_is_an_unknown_outcome_of_all(said: object) -> None:
    outcomes = results(a_reply(200, said), SHAPE, rows("a", "b"), Known())

    assert [o.code for o in outcomes if isinstance(o, Refusal)] == ["unknown-outcome"] * 2


def test_a_page_instead_of_results_is_an_unknown_outcome() -> None:
    outcomes = results(a_reply(200, page="<html>sign in to the hotel</html>"), SHAPE, rows("a"), Known())

    assert [o.code for o in outcomes if isinstance(o, Refusal)] == ["unknown-outcome"]


def test_results_out_of_order_are_noticed_by_the_ids_that_we_know() -> None:
    known = Known()
    results(a_reply(200, [taken(ONE), taken(TWO)]), SHAPE, rows("a", "b"), known)

    outcomes = results(a_reply(200, [taken(TWO), taken(ONE)]), SHAPE, rows("a", "b"), known)

    assert [o.code for o in outcomes if isinstance(o, Refusal)] == ["unknown-outcome"] * 2


def test_a_row_that_is_said_to_be_made_anew_has_another_id() -> None:
    known = Known()
    results(a_reply(200, [taken(ONE)]), SHAPE, rows("a"), known)

    outcome = results(a_reply(200, [taken(TWO)]), SHAPE, rows("a"), known)[0]

    assert isinstance(outcome, Applied)


def test_a_row_that_is_said_to_be_made_anew_is_not_believed_when_its_record_is_another_rows_now() -> None:
    known = Known()
    results(a_reply(200, [taken(ONE)]), SHAPE, rows("a"), known)

    outcomes = results(a_reply(200, [taken(TWO), taken(ONE)]), SHAPE, rows("a", "b"), known)

    assert [o.code for o in outcomes if isinstance(o, Refusal)] == ["unknown-outcome"] * 2


def test_another_id_for_a_row_that_was_only_changed_is_believed_the_second_time() -> None:
    known = Known()
    results(a_reply(200, [taken(ONE)]), SHAPE, rows("a"), known)
    anew = a_reply(200, [taken(TWO, created=False)])

    first, second = (results(anew, SHAPE, rows("a"), known)[0] for _ in range(2))

    assert isinstance(first, Refusal)
    assert isinstance(second, Applied)


def test_no_more_ids_are_kept_than_allowed() -> None:
    known = Known(size=2)
    for number in range(5):
        assert known.agrees("Account", {f"row {number}": f"00100000000000{number}AAA"})  # type: ignore[dict-item]

    assert known.agrees("Account", {"row 0": TWO})  # type: ignore[dict-item]


def test_a_record_of_another_object_is_no_result_of_ours() -> None:
    outcomes = results(a_reply(200, [taken("006000000000001AAA")]), SHAPE, rows("a"), Known())

    assert [o.code for o in outcomes if isinstance(o, Refusal)] == ["unknown-outcome"]


def orphan(parent: str) -> dict[str, Any]:
    said = f"Foreign key external ID: {parent} not found for field Client__c in entity Account"
    return a_failed_row("INVALID_FIELD", said)


def test_a_row_that_misses_another_ones_parent_shows_that_results_are_out_of_order() -> None:
    asked = [("invoice 1", "Client A"), ("invoice 2", "Client B")]

    swapped = results(a_reply(200, [orphan("client b"), taken(TWO)]), SHAPE, asked, Known())
    right = results(a_reply(200, [orphan("client a"), taken(TWO)]), SHAPE, asked, Known())

    assert [o.code for o in swapped if isinstance(o, Refusal)] == ["unknown-outcome"] * 2
    assert isinstance(right[1], Applied)
    assert isinstance(right[0], Refusal)
    assert right[0].code == "INVALID_FIELD"


def test_a_parent_that_nobody_here_refers_to_is_believed() -> None:
    asked = [("invoice 1", "Client A"), ("invoice 2", "Client B")]

    outcomes = results(a_reply(200, [orphan("an owner"), taken(TWO)]), SHAPE, asked, Known())

    assert isinstance(outcomes[1], Applied)
