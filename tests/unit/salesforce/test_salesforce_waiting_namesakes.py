"""One record that is written in two ways, or by two clients: what is said of it goes in order."""

import asyncio

import pytest

from app.salesforce.calls.urgency import Shown
from app.salesforce.rows.waiting import Waiting
from streams.domain.command import BY_CLIENT, Command, SObject
from tests.builders.salesforce import an_account, an_opportunity

HAD = an_account(9)
LEFT = an_account(9, version=2).model_copy(update={"external_id_field": BY_CLIENT})


@pytest.mark.parametrize(("first", "second"), [(HAD, LEFT), (LEFT, HAD)])
async def test_the_later_word_on_the_account_waits_for_the_earlier_one(
    first: Command, second: Command
) -> None:
    waiting, shown = Waiting(), Shown()
    for it in (first, second):
        waiting.put(it, asyncio.get_running_loop().create_future(), 0.0, shown.change(it))

    (taken,) = waiting.take((SObject.ACCOUNT, first.external_id_field), 200)
    waiting.set_aside(taken)  # it has to be sent again, after a rest
    waiting.shelves.back([taken])
    meanwhile = waiting.take((SObject.ACCOUNT, second.external_id_field), 200)
    waiting.done(taken)
    (after,) = waiting.take((SObject.ACCOUNT, second.external_id_field), 200)

    assert meanwhile == []
    assert (taken.command, after.command) == (first, second)


@pytest.mark.parametrize("on_wire", [False, True])
async def test_a_third_word_goes_after_the_second_even_if_the_first_is_sent_again(*, on_wire: bool) -> None:
    waiting, shown = Waiting(), Shown()
    again = an_account(9, version=3)
    for it in (HAD, LEFT, again):
        waiting.put(it, asyncio.get_running_loop().create_future(), 0.0, shown.change(it))
        if on_wire and it is HAD:
            (away,) = waiting.take((SObject.ACCOUNT, HAD.external_id_field), 200)
    if on_wire:
        waiting.shelves.back([away])
        assert waiting.set_aside(away)
        waiting.again([away])

    order = []
    for it in (HAD, LEFT, again):
        (row,) = waiting.take((SObject.ACCOUNT, it.external_id_field), 200)
        order.append(row.command)
        waiting.shelves.back([row])
        waiting.done(row)

    assert order == [HAD, LEFT, again]


async def test_an_invoice_that_comes_back_to_a_client_goes_after_the_other_client_had_it() -> None:
    waiting, shown = Waiting(), Shown()
    had, gone, back = (an_opportunity(10, client, version=at) for at, client in enumerate((1, 2, 1)))
    shelf = (SObject.OPPORTUNITY, had.external_id_field)
    for it in (had, gone, back):
        waiting.put(it, asyncio.get_running_loop().create_future(), 0.0, shown.change(it))
        if it is had:
            (away,) = waiting.take(shelf, 200)

    assert waiting.set_aside(away)  # it has to be sent again, after a rest
    waiting.shelves.back([away])
    waiting.again([away])
    order = []
    while rows := waiting.take(shelf, 200):
        order += [row.command for row in rows]
        waiting.shelves.back(rows)
        for row in rows:
            waiting.done(row)

    assert order == [had, gone, back]
