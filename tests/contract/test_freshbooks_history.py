"""A connection's history, against the FreshBooks sandbox over HTTP."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from app.poll.backfill import Backfill, Done, forecast
from app.poll.pace import Pace, Unread
from app.sandbox.faults import FaultKind, Faults, Rule
from app.sandbox.freshbooks.acts import Change, Create, Remove
from app.sandbox.freshbooks.nouns import Noun
from streams.domain.errors import Permanent
from streams.domain.event import Event
from streams.domain.identity import EventId, ObjectKind
from tests.builders.installation import Installation, clock, connected
from tests.builders.vault import ACME


async def made(acme: Installation, noun: Noun, *bodies: dict[str, Any]) -> Sequence[int]:
    return await acme.sandbox.control.act([Create(noun=noun, body=body) for body in bodies])


async def a_history(acme: Installation, clients: int) -> Sequence[int]:
    """Make clients, the last of them deleted, and an invoice of the first with its payment."""
    found = await made(acme, Noun.CLIENT, *({"organization": f"No. {n}"} for n in range(clients)))
    line = {"name": "Bowls", "qty": "1", "unit_cost": {"amount": "10.00", "code": "CAD"}}
    bill = {"customerid": found[0], "create_date": "2026-06-01", "currency_code": "CAD", "lines": [line]}
    (invoice,) = await made(acme, Noun.INVOICE, bill)
    paid = {"amount": {"amount": "10.00", "code": "CAD"}, "date": "2026-06-02", "type": "Cash"}
    await made(acme, Noun.PAYMENT, {"invoiceid": invoice, **paid})
    await acme.sandbox.control.act([Remove(noun=Noun.CLIENT, id=found[-1])])
    return found


async def backfilled(
    acme: Installation, log: list[Event], since: date | None = None, pace: Pace | None = None
) -> Done:
    async def produce(events: Sequence[Event]) -> None:
        log.extend(events)

    known = {EventId(event.id) for event in log}
    return await Backfill(ACME, acme.books, produce, clock, known, since, lambda _: None, pace).run()


async def test_freshbooks_own_count_is_the_forecast_and_all_of_it_is_found_over_all_pages() -> None:
    async with connected() as acme:
        await a_history(acme, 230)
        log: list[Event] = []

        foreseen = await forecast(acme.books, ACME, None)
        done = await backfilled(acme, log)

        assert foreseen.kinds == {ObjectKind.CLIENT: 230, ObjectKind.INVOICE: 1, ObjectKind.PAYMENT: 1}
        assert done == Done(listed=232, written=232)
        assert [event.object for event in log] == sorted((e.object for e in log), key=[*ObjectKind].index)


async def test_a_second_run_writes_only_what_changed_since() -> None:
    async with connected() as acme:
        first, second, gone = await a_history(acme, 3)
        log: list[Event] = []
        await backfilled(acme, log)
        before = len(log)
        change = Change(noun=Noun.CLIENT, id=second, body={"organization": "Other"})
        await acme.sandbox.control.advance(timedelta(seconds=5))
        await acme.sandbox.control.act([change, Remove(noun=Noun.CLIENT, id=first)])

        done = await backfilled(acme, log)

        assert {event.object_id for event in log[before:]} == {first, second}
        assert (done.listed, gone in {event.object_id for event in log[before:]}) == (5, False)


async def test_nothing_is_left_out_when_objects_are_deleted_while_it_waits_for_the_workers() -> None:
    """FreshBooks numbers its pages anew: what stood first on the next page now stands last on this one."""
    async with connected() as acme:
        clients = await made(acme, Noun.CLIENT, *({"organization": f"No. {n}"} for n in range(230)))
        doomed, log, read = reversed(clients), list[Event](), [0]

        async def look() -> Unread:
            return Unread(len(log) - read[-1], 0, 0)

        async def sleep(_seconds: float) -> None:
            read.append(len(log))
            await acme.sandbox.control.act([Remove(noun=Noun.CLIENT, id=next(doomed))])

        await backfilled(acme, log, pace=Pace(40, look, sleep, lambda _: None))

        assert {event.object_id for event in log} == set(clients)
        assert next(doomed) < clients[-1]


async def test_nothing_is_left_out_or_listed_twice_when_an_object_is_deleted_between_two_pages() -> None:
    async with connected() as acme:
        clients = await made(acme, Noun.CLIENT, *({"organization": f"No. {n}"} for n in range(201)))
        found: list[int] = []

        async for listed in acme.books.changed(ACME, ObjectKind.CLIENT):
            found.append(listed.object_id)
            if len(found) in {50, 150}:
                await acme.sandbox.control.act([Remove(noun=Noun.CLIENT, id=found[-50])])

        assert sorted(found) == sorted(clients)


async def test_a_day_to_begin_with_leaves_out_what_did_not_change_since() -> None:
    async with connected() as acme:
        await a_history(acme, 2)
        tomorrow = clock().date() + timedelta(days=2)

        assert (await forecast(acme.books, ACME, tomorrow)).objects == 0
        assert await backfilled(acme, [], tomorrow) == Done(listed=0, written=0)


async def test_a_list_that_freshbooks_refuses_ends_it_and_says_so() -> None:
    async with connected() as acme:
        await a_history(acme, 1)
        refuse = Rule(kind=FaultKind.ANSWER, path="/accounting/*/payments/*", status=403)
        await acme.sandbox.control.faults(Faults(rules=(refuse,)))
        log: list[Event] = []

        with pytest.raises(Permanent):
            await backfilled(acme, log)
