"""What would be sent, beside what was delivered."""

from collections import Counter

from app.replay.preview import Foreseen, Tally
from app.replay.weighing import Sort, Weighing
from streams.domain.command import Command, SObject
from streams.domain.identity import SalesforceId
from streams.steps.id_map import Delivered, IdMap, row_key, short
from tests.builders.commands import a_command
from tests.builders.itemised import an_item, the_lines

ID = SalesforceId("001000000000000AAA")
ACCOUNT = a_command()
SALE = a_command(SObject.OPPORTUNITY, 31)


def weighed(*commands: Command, held: tuple[Command, ...] = (), forced: bool = False) -> dict[str, Sort]:
    table: dict[bytes, bytes] = {}
    for it in held:
        IdMap(table).put(row_key(it.row), Delivered(ID, it.version, short(it)))
    weighing = Weighing(table, forced=forced)
    for it in commands:
        weighing.add(it)
    return {row.command.sobject.value: row.sort for row in weighing.rows()}


def test_what_salesforce_lacks_is_created() -> None:
    assert weighed(ACCOUNT, SALE) == {"Account": Sort.CREATED, "Opportunity": Sort.CREATED}


def test_an_order_that_only_people_make_is_looked_for_and_not_created() -> None:
    order = a_command(SObject.ORDER, 31)

    assert weighed(order, held=(ACCOUNT, SALE)) == {"Order": Sort.SOUGHT}
    assert Tally(Counter({(SObject.ORDER, Sort.SOUGHT): 3})).calls == 1


def test_what_it_holds_is_left_alone() -> None:
    assert weighed(ACCOUNT, SALE, held=(ACCOUNT, SALE)) == {}


def test_what_it_holds_is_sent_again_when_forced() -> None:
    assert weighed(ACCOUNT, held=(ACCOUNT,), forced=True) == {"Account": Sort.SENT_AGAIN}


def test_what_differs_is_changed() -> None:
    assert weighed(a_command(says="Apex", version=1), held=(ACCOUNT,)) == {"Account": Sort.CHANGED}


def test_what_is_older_than_what_was_delivered_is_not_sent() -> None:
    assert weighed(a_command(says="Apex", version=1), held=(a_command(version=2),), forced=True) == {}


def test_of_each_row_the_newest_counts() -> None:
    assert weighed(ACCOUNT, a_command(says="Apex"), held=(ACCOUNT,)) == {"Account": Sort.CHANGED}


def test_what_two_mappings_say_at_one_version_is_sent_again_as_the_later_has_it() -> None:
    assert weighed(a_command(says="Apex"), ACCOUNT, held=(ACCOUNT,)) == {"Account": Sort.SENT_AGAIN}


def test_the_rows_of_an_invoice_that_went_to_another_client_are_not_sent_and_the_word_of_it_is_no_row() -> (
    None
):
    gone = SALE.model_copy(update={"fields": {}, "content": "0" * 32, "version": 2})
    order = a_command(SObject.ORDER, 31)

    assert weighed(ACCOUNT, SALE, order, gone) == {"Account": Sort.CREATED}


def test_a_child_without_its_parent_waits() -> None:
    assert weighed(SALE) == {"Opportunity": Sort.WAITS}


def test_two_hundred_rows_of_one_object_are_one_call() -> None:
    rows = {(SObject.ACCOUNT, Sort.CREATED): 150, (SObject.ACCOUNT, Sort.CHANGED): 51}

    assert Tally(Counter(rows)).calls == 2
    assert Tally(Counter({(SObject.OPPORTUNITY, Sort.WAITS): 9})).calls == 0


def test_lines_are_counted_one_by_one_but_those_that_stay_and_those_that_wait() -> None:
    many = [an_item(number, "1.00") for number in range(300)]
    tally, more = Tally(), [*many, an_item("new", "1.00")]

    tally.add([Foreseen(the_lines(*many), Sort.CREATED, None)])
    tally.add([Foreseen(the_lines(*more, invoice=11), Sort.CHANGED, the_lines(*many, invoice=11).fields)])
    tally.add([Foreseen(the_lines(*many, invoice=12), Sort.BEHIND, None)])
    tally.add([Foreseen(the_lines(*many, invoice=13), Sort.SENT_AGAIN, None)])

    assert tally.lines == 301
    assert tally.calls == 2 + 2, "two looks, and 301 lines by 200"
