import asyncio
from dataclasses import dataclass, field

from streams.domain.audit import AuditEntry, Verdict
from streams.domain.grant import RefreshAsked, Sealed, Side, VerifierOffered
from streams.domain.message import Value
from streams.ports_grants import Changed, Kept, Postponed, Renewal
from streams.steps.keep_grants import KeepGrants
from tests.builders.vault import ACME, NOW, a_freshbooks_grant, a_sealer
from tests.fakes.virtual_time import simulate


def sealed(generation: int) -> Sealed:
    return a_sealer().seal(a_freshbooks_grant(), ACME, generation, NOW)


def asked(generation: int, name: str = "ask") -> RefreshAsked:
    return RefreshAsked(id=name, connection=ACME, side=Side.FRESHBOOKS, generation=generation)


def offered() -> VerifierOffered:
    return a_sealer().offer(ACME, "ab" * 16, 778, "verifier")


@dataclass
class Topic:
    """Fakes the grants topic."""

    newest_: Sealed | None
    looks: int = 0

    async def newest(self, *_: object) -> Sealed | None:
        self.looks += 1
        return self.newest_


@dataclass
class Issuer:
    """Fakes FreshBooks: each refresh token works once, and takes a second."""

    spent: list[int] = field(default_factory=list)
    answer: Renewal | None = None

    async def refresh(self, current: Sealed) -> Renewal:
        await asyncio.sleep(1)
        assert current.generation not in self.spent, "a refresh token was spent twice"
        self.spent.append(current.generation)
        return self.answer or Changed(sealed(current.generation + 1), Verdict.REFRESHED, "new tokens")

    async def confirm(self, current: Sealed, _: VerifierOffered) -> Renewal:
        return self.answer or Changed(sealed(current.generation + 1), Verdict.HANDSHAKE, "confirmed")


def handled(step: KeepGrants, *messages: RefreshAsked | VerifierOffered) -> list[list[Value]]:
    """What each message yields when all are asked at once and answered in order, as the loop does."""

    async def story() -> list[list[Value]]:
        questions = [asyncio.ensure_future(step.ask(each)) for each in messages]
        return [list(step(each, await q)) for each, q in zip(messages, questions, strict=True)]

    return simulate(story())


def entry(values: list[Value]) -> AuditEntry:
    (found,) = [each for each in values if isinstance(each, AuditEntry)]
    return found


def test_a_refused_token_is_renewed_and_said_so() -> None:
    (values,) = handled(KeepGrants(Topic(sealed(4)), Issuer()), asked(4))

    assert isinstance(values[0], Sealed)
    assert values[0].generation == 5
    assert entry(values).verdict is Verdict.REFRESHED
    assert entry(values).details == {"side": "freshbooks", "generation": 5}


def test_who_asks_for_what_was_renewed_already_changes_nothing() -> None:
    (values,) = handled(KeepGrants(Topic(sealed(5)), issuer := Issuer()), asked(4))

    assert [entry(values).verdict] == [Verdict.SUPERSEDED]
    assert len(values) == 1
    assert issuer.spent == []


def test_many_asks_at_once_spend_one_refresh_token() -> None:
    step = KeepGrants(Topic(sealed(4)), issuer := Issuer())

    answers = handled(step, *(asked(4, f"ask {n}") for n in range(20)))

    assert issuer.spent == [4]
    assert [entry(values).verdict for values in answers] == [Verdict.REFRESHED] + [Verdict.SUPERSEDED] * 19


def test_a_keeper_remembers_what_the_topic_does_not_show_yet() -> None:
    step = KeepGrants(Topic(sealed(4)), issuer := Issuer())

    handled(step, asked(4))
    handled(step, asked(5))

    assert issuer.spent == [4, 5]


def test_a_consent_given_meanwhile_wins_over_the_keepers_memory() -> None:
    step = KeepGrants(topic := Topic(sealed(4)), issuer := Issuer())
    handled(step, asked(4))
    topic.newest_ = sealed(9)

    handled(step, asked(9))

    assert issuer.spent == [4, 9]


def test_the_topic_is_read_to_its_end_before_every_act() -> None:
    step = KeepGrants(topic := Topic(sealed(4)), Issuer())

    handled(step, asked(4), asked(4))

    assert topic.looks == 2


def test_a_refused_refresh_leaves_a_mark_and_an_entry() -> None:
    marked = Changed(sealed(5), Verdict.NEEDS_CONSENT, "FreshBooks refuses the refresh token")

    (values,) = handled(KeepGrants(Topic(sealed(4)), Issuer(answer=marked)), asked(4))

    assert values[0] == marked.sealed
    assert entry(values).verdict is Verdict.NEEDS_CONSENT


def test_an_ask_for_no_grant_is_ignored() -> None:
    (values,) = handled(KeepGrants(Topic(None), issuer := Issuer()), asked(1))

    assert entry(values).verdict is Verdict.IGNORED
    assert issuer.spent == []


def test_a_confirmed_verifier_is_in_force() -> None:
    (values,) = handled(KeepGrants(Topic(sealed(1)), Issuer()), offered())

    assert isinstance(values[0], Sealed)
    assert entry(values).verdict is Verdict.HANDSHAKE


def test_a_forged_handshake_changes_nothing_but_the_audit() -> None:
    forged = Kept(Verdict.SECURITY, "a handshake for a callback that FreshBooks does not have so")

    (values,) = handled(KeepGrants(Topic(sealed(1)), Issuer(answer=forged)), offered())

    assert len(values) == 1
    assert entry(values).verdict is Verdict.SECURITY


def test_an_offer_that_cannot_be_checked_goes_back_behind_what_it_waits_for() -> None:
    first = asked(3)
    offer = offered()

    (values,) = handled(KeepGrants(Topic(sealed(1)), Issuer(answer=Postponed(first))), offer)

    assert values == [first, offer]


def test_a_repeat_is_said_under_the_same_id() -> None:
    step = KeepGrants(Topic(sealed(5)), Issuer())

    one, two = handled(step, asked(4), asked(4))

    assert entry(one).id == entry(two).id
