from streams.domain.audit import Verdict
from streams.ports_grants import Changed, Kept, Postponed
from tests.builders.keeping import Issuer, Topic, a_keeper, asked, entry, handled, offered, sealed


def test_a_refused_token_is_renewed_and_said_so() -> None:
    (values,) = handled(a_keeper(topic := Topic(sealed(4)), Issuer()), asked(4))

    assert topic.newest_ is not None
    assert topic.newest_.generation == 5
    assert entry(values).verdict is Verdict.REFRESHED
    assert entry(values).details == {"side": "freshbooks", "generation": 5}


def test_who_asks_for_what_was_renewed_already_changes_nothing() -> None:
    (values,) = handled(a_keeper(Topic(sealed(5)), issuer := Issuer()), asked(4))

    assert [entry(values).verdict] == [Verdict.SUPERSEDED]
    assert len(values) == 1
    assert issuer.spent == []


def test_many_asks_at_once_spend_one_refresh_token() -> None:
    step = a_keeper(Topic(sealed(4)), issuer := Issuer())

    answers = handled(step, *(asked(4, f"ask {n}") for n in range(20)))

    assert issuer.spent == [4]
    assert [entry(values).verdict for values in answers] == [Verdict.REFRESHED] + [Verdict.SUPERSEDED] * 19


def test_one_renewal_after_the_other_spends_one_token_each() -> None:
    step = a_keeper(Topic(sealed(4)), issuer := Issuer())

    handled(step, asked(4))
    handled(step, asked(5))

    assert issuer.spent == [4, 5]


def test_a_consent_given_meanwhile_is_what_is_renewed_next() -> None:
    step = a_keeper(topic := Topic(sealed(4)), issuer := Issuer())
    handled(step, asked(4))
    topic.newest_ = sealed(9)

    handled(step, asked(9))

    assert issuer.spent == [4, 9]


def test_the_topic_is_read_to_its_end_before_every_act() -> None:
    step = a_keeper(topic := Topic(sealed(4)), Issuer())

    handled(step, asked(4), asked(4))

    assert topic.looks == 2


def test_a_refused_refresh_leaves_a_mark_and_an_entry() -> None:
    marked = Changed(sealed(5), Verdict.NEEDS_CONSENT, "FreshBooks refuses the refresh token")

    (values,) = handled(a_keeper(topic := Topic(sealed(4)), Issuer(answer=marked)), asked(4))

    assert topic.written[-1].ciphertext == marked.sealed.ciphertext
    assert entry(values).verdict is Verdict.NEEDS_CONSENT


def test_an_ask_for_no_grant_is_ignored() -> None:
    (values,) = handled(a_keeper(Topic(None), issuer := Issuer()), asked(1))

    assert entry(values).verdict is Verdict.IGNORED
    assert issuer.spent == []


def test_a_confirmed_verifier_is_in_force() -> None:
    (values,) = handled(a_keeper(topic := Topic(sealed(1)), Issuer()), offered())

    assert topic.written[-1].generation == 2
    assert entry(values).verdict is Verdict.HANDSHAKE


def test_a_forged_handshake_changes_nothing_but_the_audit() -> None:
    forged = Kept(Verdict.SECURITY, "a handshake for a callback that FreshBooks does not have so")

    (values,) = handled(a_keeper(Topic(sealed(1)), Issuer(answer=forged)), offered())

    assert len(values) == 1
    assert entry(values).verdict is Verdict.SECURITY


def test_an_offer_that_cannot_be_checked_goes_back_behind_what_it_waits_for() -> None:
    first = asked(3)
    offer = offered()

    (values,) = handled(a_keeper(Topic(sealed(1)), Issuer(answer=Postponed(first))), offer)

    assert values == [first, offer]


def test_a_repeat_is_said_under_the_same_id() -> None:
    step = a_keeper(Topic(sealed(5)), Issuer())

    one, two = handled(step, asked(4), asked(4))

    assert entry(one).id == entry(two).id
