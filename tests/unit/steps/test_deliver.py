"""Commands in, rows out: one call where one is needed, none where not."""

import asyncio

import pytest

from streams.domain.audit import AuditEntry, Verdict
from streams.domain.command import SObject
from streams.domain.errors import Refused
from streams.domain.identity import ConnectionName, SalesforceId
from streams.ports import Applied, Rejected, Replaced
from streams.steps.flights import Needless, Stale
from tests.builders.commands import ACME, a_command
from tests.builders.deliver_desk import Desk, under_way
from tests.fakes.org import at_once

EARLIER, LATER = "00692992c03f29c6", "00692992c1000000"
ACCOUNT, CONTACT, OPPORTUNITY = SObject.ACCOUNT, SObject.CONTACT, SObject.OPPORTUNITY


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_a_new_row_is_sent_and_its_id_kept(desk: Desk) -> None:
    said = await desk.tell(a_command())

    result = desk.entries[0].result
    assert said == [Verdict.APPLIED]
    assert result
    assert result.created
    assert result.salesforce_id == desk.org.ids[ACME, ACCOUNT, "p7rQW5:7"]


async def test_content_that_is_there_needs_no_call_whatever_its_version(desk: Desk) -> None:
    await desk.tell(a_command(version=1))

    said = await desk.tell(a_command(version=1), a_command(version=5))

    assert said == [Verdict.UNCHANGED, Verdict.UNCHANGED]
    assert len(desk.calls) == 1


async def test_an_unchanged_row_still_fences_off_what_is_older_than_it(desk: Desk) -> None:
    await desk.tell(a_command(version=1), a_command(version=5))

    said = await desk.tell(a_command(version=4, says="Stale"))

    assert said == [Verdict.SUPERSEDED]
    assert desk.org.rows[ACME, ACCOUNT, "p7rQW5:7"]["Name"] == "Acme"


async def test_an_equal_version_with_other_content_is_sent(desk: Desk) -> None:
    await desk.tell(a_command(version=1, says="Old mapping"))

    said = await desk.tell(a_command(version=1, says="New mapping"))

    assert said == [Verdict.APPLIED]


async def test_commands_that_come_together_make_one_call_for_the_newest(desk: Desk) -> None:
    said = await desk.tell(*(a_command(version=version, says=f"v{version}") for version in range(1, 6)))

    assert said == [*[Verdict.SUPERSEDED] * 4, Verdict.APPLIED]
    assert len(desk.calls) == 1


async def test_what_is_under_way_counts_before_its_answer_is_there(desk: Desk) -> None:
    commands = [a_command(version=2), a_command(version=1, says="Stale"), a_command(version=3)]

    words = await asyncio.gather(*[await under_way(desk, it) for it in commands])

    assert [type(it.said) for it in words] == [Applied, Stale, Needless]
    assert len(desk.calls) == 1


async def test_equal_content_is_sent_after_all_when_what_was_under_way_is_refused(desk: Desk) -> None:
    desk.org.refuse("p7rQW5:7", Rejected("X", "no", "mend"))
    first, second = a_command(version=1), a_command(version=2)
    asked = [await under_way(desk, it) for it in (first, second)]

    with pytest.raises(Refused):
        [*desk.step(first, await asked[0])]
    said = [*desk.step(second, await asked[1])]

    assert isinstance(said[0], AuditEntry)
    assert said[0].verdict is Verdict.APPLIED


async def test_an_older_command_never_follows_a_newer_one_out(desk: Desk) -> None:
    desk.org.refuse("p7rQW5:7", Rejected("X", "no", "mend"))
    same, newer = a_command(version=2), a_command(version=3, says="Newer")
    asked = [await under_way(desk, it) for it in (a_command(version=1), same, newer)]

    words = await asyncio.gather(*asked)

    assert isinstance(words[1].said, Replaced)
    assert isinstance(words[2].said, Applied)


async def test_a_refused_row_is_buried_with_code_field_and_mend(desk: Desk) -> None:
    desk.org.refuse("p7rQW5:7", Rejected("REQUIRED_FIELD_MISSING", "it is empty", "fill it", ("Name",)))
    command = a_command()
    word = await desk.step.ask(command)

    with pytest.raises(Refused, match=r"^it is empty \(Name\)$") as error:
        [*desk.step(command, word)]

    assert (error.value.code, error.value.mend) == ("REQUIRED_FIELD_MISSING", "fill it")
    assert desk.id_map == {}


async def test_a_row_that_the_adapter_replaced_ends_there(desk: Desk) -> None:
    desk.org.refuse("p7rQW5:7", Replaced("newer"))

    assert await desk.tell(a_command()) == [Verdict.SUPERSEDED]


async def test_a_command_says_its_end_under_one_id_however_it_ends(desk: Desk) -> None:
    command = a_command()
    await desk.tell(command)
    applied = desk.entries[0].id

    await desk.tell(command)

    assert desk.entries[0].verdict is Verdict.UNCHANGED
    assert desk.entries[0].id == applied


async def test_connections_do_not_see_each_other(desk: Desk) -> None:
    north = ConnectionName("north")
    await desk.tell(a_command(), a_command(CONTACT, 7, connection=north))

    said = await desk.tell(a_command(CONTACT), a_command(connection=north, says="North"))

    assert said == [Verdict.APPLIED, Verdict.APPLIED, Verdict.RELEASED]


async def test_what_was_cut_to_fit_is_told(desk: Desk) -> None:
    desk.org.refuse(
        "p7rQW5:7", Applied(SalesforceId("001000000000001AAA"), created=True, notes=("Name was cut to 255",))
    )

    await desk.tell(a_command())

    assert desk.entries[0].details == {"notes": ["Name was cut to 255"]}


async def test_a_command_whose_call_broke_holds_up_no_other_of_its_row(desk: Desk) -> None:
    async def breaks(_: object) -> None:
        message = "a bug"
        raise ValueError(message)

    desk.org.before = breaks
    with pytest.raises(ValueError, match="a bug"):
        await desk.tell(a_command(version=5))
    desk.org.before = at_once

    said = await desk.tell(a_command(version=4, says="Acme as before"))

    assert said == [Verdict.APPLIED]


async def test_a_demand_is_sent_once_although_the_content_is_there(desk: Desk) -> None:
    await desk.tell(a_command())
    demanded = a_command(cause="again").model_copy(update={"nonce": EARLIER})

    said = await desk.tell(demanded)
    desk.restart()
    again = await desk.tell(demanded, a_command(cause="later"))

    assert (said, again) == ([Verdict.APPLIED], [Verdict.UNCHANGED, Verdict.UNCHANGED])
    assert len(desk.calls) == 2


async def test_another_demand_is_sent_again(desk: Desk) -> None:
    demands = [a_command(cause=it).model_copy(update={"nonce": it}) for it in (EARLIER, LATER)]

    said = [verdict for it in (*demands, demands[1]) for verdict in await desk.tell(it)]

    assert said == [Verdict.APPLIED, Verdict.APPLIED, Verdict.UNCHANGED]
    assert len(desk.calls) == 2


async def test_an_earlier_demand_that_is_read_again_was_met_by_a_later_one(desk: Desk) -> None:
    await desk.tell(a_command().model_copy(update={"nonce": LATER}))

    assert await desk.tell(a_command(cause="x").model_copy(update={"nonce": EARLIER})) == [Verdict.UNCHANGED]


async def test_a_demand_for_an_older_state_undoes_nothing(desk: Desk) -> None:
    await desk.tell(a_command(version=5, says="Apex"))

    said = await desk.tell(a_command(version=4).model_copy(update={"nonce": EARLIER}))

    assert said == [Verdict.SUPERSEDED]


async def test_an_old_history_that_is_read_again_ends_without_a_call(desk: Desk) -> None:
    history = [a_command(says=it, version=at) for at, it in enumerate(("Acme", "Apex", "Axis"), 3)]
    for it in history:
        await desk.tell(it)
    so_far = len(desk.calls)
    desk.restart()

    said = await desk.tell(*history)

    assert said == [Verdict.SUPERSEDED, Verdict.SUPERSEDED, Verdict.UNCHANGED]
    assert len(desk.calls) == so_far
