"""Looking at rows before they are written, against a Salesforce that speaks HTTP."""

from app.salesforce.reads.looking import look
from app.sandbox.salesforce.profile import Profile
from streams.domain.command import SObject
from tests.builders.salesforce import ACME, KEYS, an_account
from tests.builders.salesforce_org import joined_org

KEY = KEYS[SObject.ACCOUNT]


async def test_what_is_there_is_found_by_its_key_with_the_columns_that_were_asked_for() -> None:
    async with joined_org() as here:
        await here.lanes.write(an_account(1, "O'Neil & \\ Söhne"))
        client = here.lanes.client(ACME)

        asked, found = await look(client, "Account", KEY, ["Name"], ["ACC1:1", "ACC1:2"])

    assert asked == {"ACC1:1", "ACC1:2"}
    assert found.keys() == {"ACC1:1"}
    assert found["ACC1:1"]["Name"] == "O'Neil & \\ Söhne"


async def test_two_thousand_rows_cost_one_call_though_no_query_has_room_for_their_keys() -> None:
    async with joined_org() as here:
        people = here.org.control.people
        people.insert("Account", *({"Name": f"Row {n}", KEY: f"ACC1:{n}"} for n in range(2000)))
        client = here.lanes.client(ACME)
        await client.door.session()
        here.org.control.reset_counters()

        keys = [f"ACC1:{n}" for n in range(3000)]
        asked, found = await look(client, "Account", KEY, [], keys[:200], perhaps=keys)

        assert here.calls() == 1
    assert len(asked) == 2000
    assert found.keys() == {*keys[:2000]}


async def test_pages_shorter_than_the_answer_are_all_read() -> None:
    async with joined_org(Profile.named("prepared").with_(page=200)) as here:
        people = here.org.control.people
        people.insert("Account", *({"Name": f"Row {n}", KEY: f"ACC1:{n}"} for n in range(700)))

        keys = [f"ACC1:{n}" for n in range(700)]
        _, found = await look(here.lanes.client(ACME), "Account", KEY, [], keys)

    assert found.keys() == {*keys}


async def test_of_keys_too_long_for_one_call_those_that_fit_are_looked_at() -> None:
    async with joined_org() as here:
        client = here.lanes.client(ACME)
        await client.door.session()
        here.org.control.reset_counters()

        keys = [f"ACC1:{n:059}" for n in range(2000)]
        asked, _ = await look(client, "Account", KEY, [], keys[:200], perhaps=keys)

        assert here.calls() == 1
    assert asked >= {*keys[:200]}
    assert len(asked) < 2000
