import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientError, ClientSession, web
from pydantic import ValidationError

from app.sandbox.faults import FaultKind, FaultPlan, Faults, Rule, fault_middleware, retry_after
from app.sandbox.serving import listening


def _struck(faults: Faults, requests: int, path: str = "/x") -> list[bool]:
    plan = FaultPlan(faults)
    return [plan.decide("GET", path).fault is not None for _ in range(requests)]


def test_the_same_seed_strikes_the_same_requests() -> None:
    rule = Rule(kind=FaultKind.RESET, probability=0.3)

    first = _struck(Faults(seed=4, rules=(rule,)), 200)
    second = _struck(Faults(seed=4, rules=(rule,)), 200)
    other = _struck(Faults(seed=5, rules=(rule,)), 200)

    assert first == second
    assert first != other
    assert 30 <= sum(first) <= 90


def test_next_strikes_so_many_and_then_rests() -> None:
    assert _struck(Faults(rules=(Rule(kind=FaultKind.ANSWER, next=2),)), 4) == [True, True, False, False]


def test_every_strikes_each_nth_after_those_that_may_pass() -> None:
    rule = Rule(kind=FaultKind.ANSWER, every=2, skip=1)

    assert _struck(Faults(rules=(rule,)), 5) == [False, False, True, False, True]


def test_a_rule_is_about_its_method_and_path_alone() -> None:
    plan = FaultPlan(Faults(rules=(Rule(kind=FaultKind.ANSWER, method="PUT", path="*/invoices/*"),)))

    assert plan.decide("PUT", "/a/invoices/7").fault is not None
    assert plan.decide("GET", "/a/invoices/7").fault is None
    assert plan.decide("PUT", "/a/clients/7").fault is None


def test_delays_add_up_and_a_later_rule_does_not_see_what_an_earlier_one_took() -> None:
    slow, taken = Rule(kind=FaultKind.DELAY, seconds=0.5), Rule(kind=FaultKind.RESET, next=1)
    late = Rule(kind=FaultKind.ANSWER, next=1)
    plan = FaultPlan(Faults(rules=(slow, slow, taken, late)))

    first, second, third = (plan.decide("GET", "/") for _ in range(3))

    assert (first.delay, first.fault) == (1.0, taken)
    assert second.fault == late
    assert third.fault is None
    assert plan.struck == {"delay": 6, "reset": 1, "answer": 1}


def test_a_plan_goes_out_and_in_as_json() -> None:
    faults = Faults(seed=3, rules=(Rule(kind=FaultKind.HANG, seconds=2, probability=0.5),))

    assert Faults.model_validate_json(faults.model_dump_json()) == faults


def test_a_misspelt_rule_is_refused() -> None:
    with pytest.raises(ValidationError, match="probabillity"):
        Faults.model_validate({"rules": [{"kind": "reset", "probabillity": 1}]})


def test_a_hang_without_an_end_is_refused() -> None:
    with pytest.raises(ValidationError, match="needs seconds"):
        Rule(kind=FaultKind.HANG)


def test_only_429_and_503_say_when_to_come_back() -> None:
    assert retry_after(Rule(kind=FaultKind.ANSWER, status=429, seconds=2)) == {"Retry-After": "2"}
    assert retry_after(Rule(kind=FaultKind.ANSWER, status=500, seconds=2)) == {}


class Effects:
    """A server that counts what took effect."""

    def __init__(self) -> None:
        self.plan = FaultPlan()
        self.count = 0
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.count += 1
        if request.path == "/refused":
            usage = {"Sforce-Limit-Info": "api-usage=1/9"}
            raise web.HTTPNotFound(headers=usage, text="{}", content_type="application/json")
        return web.json_response({"count": self.count})

    def speak(self, _request: web.Request, rule: Rule) -> web.Response:
        return web.json_response({"no": rule.status}, status=rule.status, headers=retry_after(rule))

    async def ask(self, session: ClientSession, path: str = "/x") -> int:
        # POST: aiohttp's client silently repeats an idempotent request whose connection broke.
        async with session.post(self.url + path) as answer:
            return answer.status


@asynccontextmanager
async def effects(*rules: Rule) -> AsyncIterator[tuple[Effects, ClientSession]]:
    served = Effects()
    served.plan.load(Faults(rules=rules))
    application = web.Application(middlewares=[fault_middleware(served.plan, served.speak)])
    application.router.add_route("*", "/{path:.*}", served.take)
    async with listening(application) as url, ClientSession() as session:
        served.url = url
        yield served, session


async def test_an_answer_is_worded_by_the_server_and_nothing_takes_effect() -> None:
    rule = Rule(kind=FaultKind.ANSWER, status=429, seconds=3, next=1)
    async with effects(rule) as (served, session):
        async with session.get(served.url) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "3")
            assert await answer.json() == {"no": 429}

        assert served.count == 0
        assert await served.ask(session) == 200


async def test_html_comes_as_a_page() -> None:
    rule = Rule(kind=FaultKind.HTML, status=502)
    async with effects(rule) as (served, session), session.get(served.url) as answer:
        assert (answer.status, answer.content_type) == (502, "text/html")
        assert "<html>" in await answer.text()


async def test_a_page_may_come_as_if_all_were_well() -> None:
    async with effects(Rule(kind=FaultKind.HTML, status=200)) as (served, session):
        assert await served.ask(session) == 200
        assert served.count == 0


async def test_xml_comes_as_xml() -> None:
    rule = Rule(kind=FaultKind.XML, status=503)
    async with effects(rule) as (served, session), session.get(served.url) as answer:
        assert (answer.status, answer.content_type) == (503, "application/xml")
        assert (await answer.text()).startswith("<?xml")


@pytest.mark.parametrize(("kind", "comes"), [(FaultKind.CUT, b'{"coun'), (FaultKind.EMPTY, b"")])
async def test_an_answer_that_is_shortened_took_effect(kind: FaultKind, comes: bytes) -> None:
    async with effects(Rule(kind=kind)) as (served, session), session.get(served.url) as answer:
        assert (answer.status, await answer.read()) == (200, comes)
        assert served.count == 1


@pytest.mark.parametrize(("kind", "comes"), [(FaultKind.CUT, b"{"), (FaultKind.EMPTY, b"")])
async def test_a_refusal_that_the_server_raises_is_shortened_as_well_and_keeps_its_headers(
    kind: FaultKind, comes: bytes
) -> None:
    async with effects(Rule(kind=kind)) as (served, session), session.get(f"{served.url}/refused") as answer:
        assert (answer.status, await answer.read()) == (404, comes)
        assert (answer.content_type, answer.headers["Sforce-Limit-Info"]) == (
            "application/json",
            "api-usage=1/9",
        )


def test_a_refusal_with_a_status_that_refuses_nothing_is_refused() -> None:
    with pytest.raises(ValidationError, match="would be no fault"):
        Rule(kind=FaultKind.ANSWER, status=200)


async def test_a_reset_breaks_before_any_effect() -> None:
    async with effects(Rule(kind=FaultKind.RESET)) as (served, session):
        with pytest.raises(ClientError):
            await served.ask(session)

        assert served.count == 0


async def test_a_lost_answer_took_effect_all_the_same() -> None:
    async with effects(Rule(kind=FaultKind.LOST_ANSWER, next=1)) as (served, session):
        with pytest.raises(ClientError):
            await served.ask(session)

        assert served.count == 1


async def test_a_hang_ends_when_the_plan_is_replaced() -> None:
    async with effects(Rule(kind=FaultKind.HANG, seconds=60)) as (served, session):
        asking = asyncio.create_task(served.ask(session))
        await asyncio.sleep(0.05)
        assert not asking.done()

        served.plan.load(Faults())

        with pytest.raises(ClientError):
            await asyncio.wait_for(asking, 2)
        assert served.count == 0


async def test_the_control_api_is_never_disturbed() -> None:
    async with effects(Rule(kind=FaultKind.RESET)) as (served, session):
        assert await served.ask(session, "/_sandbox/counters") == 200
