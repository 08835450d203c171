"""Our lanes against a Salesforce that speaks real HTTP, in good and bad weather."""

import asyncio
from math import log2

import pytest

from app.salesforce.api.joining import OtherOrg, joined
from app.salesforce.checkup import checkup
from app.salesforce.lanes import blame
from app.salesforce.lanes.lanes import salesforce_rows
from app.salesforce.lanes.pace import Pace
from app.salesforce.wire.transport import transport
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.salesforce.auth import AuthTrouble
from app.sandbox.salesforce.rules import DuplicateRule, Poison, RowTrouble, Rules, ValidationRule
from app.sandbox.salesforce.running import running_salesforce
from streams.domain.command import SObject
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.identity import ConnectionName
from streams.ports import Answer, Applied, Rejected
from tests.builders.salesforce import ACME, KEYS, a_command, a_connection, an_account, an_opportunity
from tests.builders.salesforce_org import Joined, KeyOf, joined_org

KEY = KEYS[SObject.ACCOUNT]


async def write_all(here: Joined, count: int, version: int = 1) -> list[Answer]:
    rows = (an_account(c, f"state {version}", version=version) for c in range(1, count + 1))
    return list(await asyncio.gather(*(here.lanes.write(row) for row in rows)))


def applied(answers: list[Answer]) -> int:
    return sum(isinstance(answer, Applied) for answer in answers)


async def test_a_thousand_rows_cost_five_calls_and_one_describe() -> None:
    async with joined_org() as here:
        answers = await write_all(here, 1000)

        assert applied(answers) == 1000
        assert here.calls() == 6
        assert len(here.org.control.people.rows("Account")) == 1000


@pytest.mark.parametrize(
    "rule",
    [
        Rule(kind=FaultKind.ANSWER, status=503, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.HTML, status=502, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.HTML, status=200, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.HTML, status=200, next=1, path="*/oauth2/*"),
        Rule(kind=FaultKind.HTML, status=200, next=1, path="*/describe"),
        Rule(kind=FaultKind.HTML, status=400, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.XML, status=200, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.XML, status=503, next=1, path="*/oauth2/*"),
        Rule(kind=FaultKind.CUT, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.CUT, next=1, path="*/oauth2/*"),
        Rule(kind=FaultKind.CUT, next=1, path="*/describe"),
        Rule(kind=FaultKind.EMPTY, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.EMPTY, next=1, path="*/oauth2/*"),
        Rule(kind=FaultKind.RESET, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.LOST_ANSWER, next=2, path="*/composite/*"),
        Rule(kind=FaultKind.ANSWER, status=401, next=1, path="*/composite/*"),
        Rule(kind=FaultKind.ANSWER, status=503, next=1, path="*/oauth2/*"),
        Rule(kind=FaultKind.ANSWER, status=500, next=1, path="*/describe"),
    ],
    ids=lambda rule: f"{rule.kind.value} {rule.status} {rule.path}",
)
async def test_bad_weather_passes_and_makes_no_second_row(rule: Rule) -> None:
    async with joined_org() as here:
        here.org.control.faults(Faults(rules=(rule,)))

        answers = await write_all(here, 20)

        assert applied(answers) == 20
        assert len(here.org.control.people.rows("Account")) == 20


async def test_a_row_alone_is_not_to_blame_for_a_page_with_status_400() -> None:
    async with joined_org() as here:
        rule = Rule(kind=FaultKind.HTML, status=400, next=2, path="*/composite/*")
        here.org.control.faults(Faults(rules=(rule,)))
        assert applied(await write_all(here, 1)) == 1


async def test_a_revoked_session_is_renewed_by_one_log_in() -> None:
    async with joined_org() as here:
        await write_all(here, 10)
        here.org.control.revoke_sessions()

        assert applied(await write_all(here, 10, version=2)) == 10


async def test_locked_rows_alone_are_sent_again() -> None:
    async with joined_org() as here:
        locked = frozenset({"ACC1:3", "ACC1:5"})
        here.org.control.rules(Rules(trouble=(RowTrouble(sobject="Account", keys=locked, times=1),)))

        answers = await write_all(here, 200)

        sizes = here.org.control.counters()["rows_per_call"]
        assert applied(answers) == 200
        assert {int(size) for held in sizes.values() for size in held} == {200, 2}


async def test_a_row_whose_own_result_says_that_salesforce_failed_inside_is_found_beside_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blame, "SPREAD", 2)  # not half a minute
    async with joined_org() as here, asyncio.timeout(10):
        inside = RowTrouble(
            sobject="Account", keys=frozenset({"ACC1:7"}), code="UNKNOWN_EXCEPTION", message="An error."
        )
        here.org.control.rules(Rules(trouble=(inside,)))

        failing = asyncio.ensure_future(here.lanes.write(an_account(7)))
        while not failing.done():
            assert applied(await write_all(here, 5)) == 5

        answer = await failing
        assert isinstance(answer, Rejected)
        assert (answer.code, "open a case" in answer.mend) == ("UNKNOWN_EXCEPTION", True)


async def test_a_poison_row_is_found_within_the_documented_number_of_calls() -> None:
    async with joined_org() as here:
        await write_all(here, 1)
        here.org.control.reset_counters()
        poison = Poison(sobject="Account", field=KEY, value="ACC1:77", code="JSON_PARSER_ERROR")
        here.org.control.rules(Rules(poison=(poison,)))

        answers = await write_all(here, 200, version=2)

        assert [n for n, answer in enumerate(answers, 1) if not isinstance(answer, Applied)] == [77]
        assert here.calls() - 1 <= 2 * log2(200) + 1


async def test_a_validation_rule_refuses_its_row_in_the_admins_words() -> None:
    async with joined_org() as here:
        rule = ValidationRule(
            sobject="Account", refuse_when="Name = 'state 1'", message="Name it well.", field="Name"
        )
        here.org.control.rules(Rules(validation=(rule,)))

        answer = (await write_all(here, 1))[0]

        assert isinstance(answer, Rejected)
        assert answer.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        assert answer.fields == ("Name",)
        assert answer.reason.endswith("Name it well.")


async def test_a_duplicate_rule_names_the_record_that_it_hit() -> None:
    async with joined_org() as here:
        (hit,) = here.org.control.people.insert("Account", {"Name": "state 1"})
        here.org.control.rules(Rules(duplicates=(DuplicateRule(sobject="Account", fields=("Name",)),)))

        answer = (await write_all(here, 1))[0]

        assert isinstance(answer, Rejected)
        assert answer.code == "DUPLICATES_DETECTED"
        assert hit in answer.reason


async def test_text_is_cut_by_the_orgs_own_lengths() -> None:
    async with joined_org() as here:
        answer = await here.lanes.write(a_command(fields={"Name": "é👍" * 200, "Phone": "5" * 60}))

        assert isinstance(answer, Applied)
        assert answer.notes == ("Name: cut to 255 characters", "Phone: cut to 40 characters")
        assert here.row("Account", KEY, "ACC1:1")["Name"] == "é👍" * 85


async def test_the_currency_is_written_where_the_org_has_currencies_and_nowhere_else() -> None:
    for profile, currency in (("multi-currency", "CAD"), ("prepared", None)):
        async with joined_org(profile) as here:
            answer = await here.lanes.write(a_command(fields={"Name": "x", "CurrencyIsoCode": "CAD"}))

            assert isinstance(answer, Applied)
            assert here.row("Account", KEY, "ACC1:1").get("CurrencyIsoCode") == currency


async def test_one_hanging_org_leaves_another_alone() -> None:
    other = ConnectionName("other")
    async with running_salesforce("prepared") as slow, running_salesforce("prepared") as quick:
        settings = {ACME: a_connection(salesforce_domain=quick.url)}
        settings[other] = a_connection("other", salesforce_domain=slow.url)
        slow.control.faults(Faults(rules=(Rule(kind=FaultKind.HANG, seconds=30),)))
        async with salesforce_rows(settings, KeyOf(quick), allow_http=True) as lanes, asyncio.timeout(10):
            waiting = asyncio.ensure_future(lanes.write(an_account(1, connection="other")))
            answers = await asyncio.gather(*(lanes.write(an_account(c)) for c in range(1, 50)))

            assert applied(list(answers)) == 49
            assert not waiting.done()
        slow.control.faults(Faults())
        with pytest.raises(asyncio.CancelledError):
            await waiting


@pytest.mark.parametrize("trouble", [trouble for trouble in AuthTrouble if trouble is not AuthTrouble.RATE])
async def test_what_an_admin_forgot_is_named_with_its_mend(trouble: AuthTrouble) -> None:
    async with running_salesforce("prepared") as org, transport() as send:
        org.control.auth(trouble)

        with pytest.raises(Misconfigured) as refused:
            await joined(send, a_new(), org.url, (org.client_id, org.client_secret), allow_http=True)

        assert refused.value.code != "login-refused"
        assert refused.value.mend


def a_new() -> Connection:
    return Connection(name=ACME)


async def test_an_org_is_joined_by_its_address_and_no_other_takes_its_place_unnoticed() -> None:
    async with (
        running_salesforce("prepared") as org,
        running_salesforce("prepared") as other,
        transport() as send,
    ):
        key = org.client_id, org.client_secret
        connection, session = await joined(send, a_new(), org.url + "/", key, allow_http=True)

        assert connection.salesforce_domain == session.instance == org.url
        with pytest.raises(OtherOrg):
            await joined(send, connection, other.url, key, allow_http=True)
        moved, _ = await joined(send, connection, other.url, key, allow_http=True, moved=True)
        assert moved.salesforce_domain == other.url


async def test_http_is_refused_where_it_is_not_allowed() -> None:
    async with transport() as send:
        with pytest.raises(Misconfigured, match="in clear"):
            await joined(send, a_new(), "http://127.0.0.1:1", ("key", "secret"))


@pytest.mark.parametrize(("profile", "well"), [("prepared", True), ("plain", False)])
async def test_a_checkup_finds_what_the_org_lacks(profile: str, *, well: bool) -> None:
    async with joined_org(profile) as here:
        findings = [finding async for finding in checkup(here.lanes.client(ACME))]

        objects = [finding for finding in findings if finding.what.split()[-1] in set(SObject)]
        assert [finding.well for finding in objects] == [well] * 4 + [True]
        assert all(finding.well or "setup salesforce acme" in finding.mend for finding in objects)


async def test_a_checkup_stops_at_the_door_when_the_key_is_wrong() -> None:
    async with joined_org() as here:
        here.org.control.auth(AuthTrouble.NO_RUN_AS_USER)

        findings = [finding async for finding in checkup(here.lanes.client(ACME))]

        assert [finding.well for finding in findings] == [False]
        assert "Run As" in findings[0].mend


async def test_a_query_reads_all_pages() -> None:
    async with joined_org(pace=Pace()) as here:
        await write_all(here, 2100)

        soql = f"SELECT Id, {KEY} FROM Account ORDER BY {KEY}"
        rows = [row[KEY] async for row in here.lanes.client(ACME).query(soql)]

        assert len(set(rows)) == 2100


async def test_parents_and_children_of_many_clients_arrive_together() -> None:
    async with joined_org() as here:
        rows = [row for c in range(1, 301) for row in (an_account(c), an_opportunity(c + 1000, c))]

        answers = await asyncio.gather(*(here.lanes.write(row) for row in rows))

        assert applied(list(answers)) == 600
        assert here.calls() <= 8
