"""What a preview says that writing costs, before anything is written."""

from decimal import Decimal

from app.salesforce.calls.cost import calls, lines_written
from streams.domain.command import SObject
from tests.builders.itemised import an_item, the_lines

ONE, TWO, THREE = (an_item(key, "40.00") for key in (1, 2, 3))


def test_two_hundred_rows_of_one_object_are_one_call() -> None:
    assert calls({SObject.ACCOUNT: 201}) == 2
    assert calls({SObject.ACCOUNT: 1, SObject.OPPORTUNITY: 1}) == 2
    assert calls({SObject.OPPORTUNITY: 0}) == 0


def test_lines_cost_two_looks_and_a_call_for_each_two_hundred_of_them() -> None:
    assert calls({SObject.LINES: 200}, lines=1_000) == 2 + 5
    assert calls({SObject.LINES: 201}, lines=1_000) == 4 + 5


def test_lines_that_stand_there_already_cost_the_looks_alone() -> None:
    assert calls({SObject.LINES: 200}, lines=0) == 2


def test_all_lines_are_written_where_none_were() -> None:
    assert lines_written(None, the_lines(ONE, TWO).fields) == 2


def test_lines_that_come_change_or_go_are_written_and_no_others() -> None:
    dearer = TWO.model_copy(update={"price": Decimal("41.00")})

    assert lines_written(the_lines(ONE, TWO).fields, the_lines(ONE, dearer, THREE).fields) == 2
    assert lines_written(the_lines(ONE, TWO).fields, the_lines(TWO).fields) == 1


def test_a_line_of_another_product_goes_and_one_comes_in_its_place() -> None:
    other = TWO.model_copy(update={"product": "p7rQW5:garden"})

    assert lines_written(the_lines(ONE, TWO).fields, the_lines(ONE, other).fields) == 2


def test_in_another_currency_no_line_stays_though_each_says_the_same() -> None:
    was, now = the_lines(ONE, TWO), the_lines(ONE, TWO, currency="EUR")

    assert lines_written(was.fields, now.fields) == 2


def test_a_row_that_has_no_lines_writes_none() -> None:
    assert lines_written({"Name": "Maple"}, {"Name": "Maple & Sons"}) == 0
