"""The audit hears of refusals, and no flood can fill it."""

from urllib.parse import urlencode

from app.ingress.judge import FOREIGN, FORGED, UNSIGNED
from app.ingress.pages import LATE
from app.ingress.rate import DELIVERIES, REFUSALS, Allowance, Buckets
from app.ingress.refusals import Refusals
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.identity import ConnectionName
from tests.builders.webhooks import PATH, PREFIX, SECRET, a_callback, a_house, a_webhook, http


def test_the_first_refusals_are_said_one_by_one_and_the_rest_as_a_number() -> None:
    refusals = Refusals()

    said = [refusals.said(a_callback(), FORGED, f"cause {n}", now=0.0) for n in range(1_000)]
    (summary,) = refusals.summed_up("12:01")

    entries = [entry for entry in said if entry is not None]
    assert len(entries) == REFUSALS.at_once
    assert (entries[0].step, entries[0].verdict, entries[0].cause) == (
        Step.INGRESS,
        Verdict.AUTH_FAILED,
        "cause 0",
    )
    assert summary.details == {"callback": PATH, "further_refusals": 995}
    assert (summary.connection, summary.rule) == ("acme", FORGED.rule)
    assert list(refusals.summed_up("12:02")) == []


def test_a_flood_of_forgeries_does_not_hide_a_security_entry() -> None:
    refusals = Refusals()
    for n in range(1_000):
        refusals.said(a_callback(), FORGED, f"cause {n}", now=0.0)

    assert refusals.said(a_callback(), FOREIGN, "cause", now=0.0) is not None


def test_refusals_of_different_sorts_are_summed_up_apart() -> None:
    refusals = Refusals()
    for n in range(100):
        refusals.said(a_callback(), FORGED if n % 2 else UNSIGNED, f"cause {n}", now=0.0)

    entries = list(refusals.summed_up("12:01"))

    assert {entry.rule for entry in entries} == {FORGED.rule, UNSIGNED.rule}
    assert len({entry.id for entry in entries}) == 2


def test_a_repeat_of_a_refusal_has_the_same_id() -> None:
    one, other = Refusals(), Refusals()

    first = one.said(a_callback(), FORGED, "cause", now=0.0)
    again = other.said(a_callback(), FORGED, "cause", now=9.0)

    assert first is not None
    assert again is not None
    assert first.id == again.id


def test_a_bucket_fills_again_with_time_and_never_above_its_brim() -> None:
    buckets = Buckets(Allowance(at_once=2, per_second=0.5))

    taken = [buckets.take("a", now) for now in (0, 0, 0, 1.9, 2.0, 2.0, 1_000, 1_000, 1_000)]

    assert taken == [True, True, False, False, True, False, True, True, False]


def test_buckets_are_apart() -> None:
    buckets = Buckets(Allowance(at_once=1, per_second=0))

    assert (buckets.take("a", 0), buckets.take("b", 0), buckets.take("a", 0)) == (True, True, False)


def test_refusals_of_two_connections_are_never_taken_for_the_same() -> None:
    refusals = Refusals()
    for n in range(100):
        refusals.consent(LATE, ConnectionName("acme" if n % 2 else "zenith"), f"cause {n}", now=0.0)

    entries = list(refusals.summed_up("12:01"))

    assert {entry.connection for entry in entries} == {"acme", "zenith"}
    assert len({entry.id for entry in entries}) == 2


async def turned_away(*requests: bytes, allowed: Allowance = DELIVERIES) -> list[tuple[str, str, object]]:
    """Send requests; return what the audit says of them once it is summed up."""
    async with a_house(allowed=allowed) as house:
        for each in requests:
            await house.status(each)
        house.reception.say_unsaid()
        entries = [each for each in house.keep.kept if isinstance(each, AuditEntry)]
    return [(it.connection, it.rule, it.details.get("further_refusals")) for it in entries]


async def test_what_is_turned_away_before_it_is_looked_into_is_in_the_audit_as_a_number() -> None:
    assert await turned_away(http("", path="/wp-login.php"), http("", path=PREFIX + "0" * 32)) == [
        ("", "a request to no address of ours", 2)
    ]
    assert await turned_away(http("{}", Content_Type="application/json")) == [
        ("acme", "a webhook that is no form of a fitting size: 415", 1)
    ]
    assert await turned_away(*[a_webhook()] * 3, allowed=Allowance(1, 0)) == [
        ("acme", "more webhooks than a callback may bring", 2)
    ]


async def test_a_health_check_of_a_balancer_is_nothing_that_was_turned_away() -> None:
    assert (
        await turned_away(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n") == []
    )


async def test_handshakes_beyond_what_a_callback_may_bring_are_in_the_audit_as_a_number() -> None:
    form = {"name": "callback.verify", "object_id": "2001", "verifier": SECRET}
    offers = [http(urlencode(form))] * 25

    assert await turned_away(*offers) == [("acme", "more handshakes than a callback may bring", 5)]
