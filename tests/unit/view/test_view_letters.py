"""Dead letters as the view's database tells of them."""

from app.deadletters.retry import Again, told_of
from app.deadletters.said import By, said
from app.view.letters import groups, letters, meant
from app.view.rows import row
from app.view.store import Store
from streams.codec import encode
from streams.domain.audit import AuditEntry, Step, Verdict
from streams.domain.command import Command, SObject
from streams.domain.errors import Permanent
from streams.domain.identity import ObjectKind
from streams.domain.message import Value
from streams.ports import ParentMissing
from streams.steps.ends import behind_failed, superseded
from streams.steps.ends import parked as waits
from tests.builders.commands import a_command
from tests.builders.events import an_event
from tests.builders.letters import NOON, again, buried, buried_row

INVOICE = an_event(ObjectKind.INVOICE, 123)


async def keep(store: Store, *entries: Value) -> None:
    rows = [row(0, offset, 1_000 + offset, encode(entry)) for offset, entry in enumerate(entries)]
    await store.add(rows, {0: len(rows)})


def an_entry(number: int, code: str = "refused", step: Step = Step.FETCH) -> AuditEntry:
    event = an_event(ObjectKind.INVOICE, number)
    return buried(event, offset=number, error=Permanent("no", "mend it", code), step=step)[1]


async def test_a_letter_tells_its_place_its_cause_and_its_mend(store: Store) -> None:
    letter, entry = buried(INVOICE)
    await keep(store, entry)

    (told,) = await letters(store)

    assert (told.id, told.place, told.connection) == (letter.id, letter.place, "acme")
    assert (told.code, told.reason, told.mend) == (letter.code, letter.reason, letter.mend)
    assert told.closed is None


async def test_the_newest_letter_comes_first(store: Store) -> None:
    await keep(store, an_entry(1), an_entry(2), an_entry(3))

    assert [told.place.offset for told in await letters(store)] == [3, 2, 1]


async def test_letters_are_grouped_by_cause_and_step_the_largest_group_first(store: Store) -> None:
    await keep(
        store,
        an_entry(1, "rare"),
        an_entry(2, "frequent"),
        an_entry(3, "frequent"),
        an_entry(4, "frequent", Step.DELIVER),
    )

    found = [(group.code, group.step, len(group.letters)) for group in groups(await letters(store))]

    assert found == [("frequent", "fetch", 2), ("frequent", "deliver", 1), ("rare", "fetch", 1)]


async def test_one_connection_is_asked_for_alone(store: Store) -> None:
    await keep(store, an_entry(1))

    assert await letters(store, "other") == []
    assert len(await letters(store, "acme")) == 1


async def test_a_letter_that_was_tried_again_says_when(store: Store) -> None:
    letter, entry = buried(INVOICE)
    await keep(store, entry)
    (told,) = await letters(store)
    await store.add([row(0, 1, 5_000, encode(told_of(Again(told, letter), By(NOON))))], {0: 2})

    (told,) = await letters(store)

    assert told.closed is not None
    assert (told.closed.how, told.closed.at.timestamp()) == ("retried", 5)


async def test_a_message_that_fails_again_after_a_retry_is_a_new_letter(store: Store) -> None:
    retried = INVOICE.model_copy(update={"nonce": "00000000000000aa"})
    await keep(store, buried(INVOICE, offset=7)[1], buried(retried, offset=8)[1])

    assert len(await letters(store)) == 2


async def test_a_message_that_a_poller_says_again_without_a_new_cause_is_one_letter(store: Store) -> None:
    await keep(store, buried(INVOICE, offset=7)[1], buried(INVOICE, offset=8)[1])

    (letter,) = await letters(store)

    assert letter.place.offset == 7


async def test_what_a_person_discarded_and_fails_again_for_another_cause_is_open(store: Store) -> None:
    letter, entry = buried(INVOICE, offset=7)
    waived = said(again(letter, entry).told, Verdict.DISCARDED, By(NOON, "jane", "a test"))
    other = buried(INVOICE, offset=8, error=Permanent("gone", "look", "gone"))[1]
    await keep(store, entry, waived, buried(INVOICE, offset=9)[1], other)

    found = {it.code: it.closed and it.closed.how for it in await letters(store)}

    assert found == {"refused": "discarded", "gone": None}


async def test_the_beginning_of_an_id_is_enough_when_it_is_long_enough(store: Store) -> None:
    letter, entry = buried(INVOICE)
    await keep(store, entry)
    found = await letters(store)

    assert [told.id for told in meant(found, letter.id[:6])] == [letter.id]
    assert meant(found, letter.id[:5]) == []


def parked(number: int, *, client: int = 7, version: int = 1) -> tuple[Command, AuditEntry]:
    """An Opportunity that waits behind a failed row."""
    command = a_command(SObject.OPPORTUNITY, number, client=client, version=version)
    return command, behind_failed(command)


async def test_a_letter_tells_how_many_rows_of_its_client_wait_behind_it(store: Store) -> None:
    _, buried_contact = buried_row(a_command(SObject.CONTACT))
    gone, waited = parked(33)
    entries = [parked(31)[1], parked(31, version=2)[1], parked(32)[1], waited, superseded(gone, "gone")]
    await keep(store, buried_contact, *entries, parked(81, client=8)[1])

    (told,) = await letters(store)

    assert told.behind == 2
    assert groups([told])[0].behind == 2


async def test_rows_that_wait_behind_two_letters_of_a_client_are_counted_once(store: Store) -> None:
    both = [
        buried_row(a_command(it), offset=at)[1] for at, it in enumerate((SObject.CONTACT, SObject.ACCOUNT))
    ]
    await keep(store, *both, parked(31)[1])

    (group,) = groups(await letters(store))

    assert [it.behind for it in group.letters] == [1, 1]
    assert group.behind == 1


async def test_a_letter_of_an_older_state_names_the_one_for_which_the_rest_waits(store: Store) -> None:
    older, newer = (buried_row(a_command(SObject.CONTACT, version=it), offset=it)[1] for it in (1, 3))
    other = buried_row(a_command(SObject.CONTACT, 8, client=8, version=2), offset=9)[1]
    await keep(store, older, newer, other)

    found = {it.entry["id"]: it for it in await letters(store)}

    assert found[older.id].newer == found[newer.id].id
    assert (found[newer.id].newer, found[other.id].newer) == ("", "")


async def test_once_the_newest_state_is_seen_to_an_older_letter_names_it_no_more(store: Store) -> None:
    older = buried_row(a_command(SObject.CONTACT, version=1), offset=1)[1]
    letter, newer = buried_row(a_command(SObject.CONTACT, version=3), offset=3)
    await keep(store, older, newer, told_of(again(letter, newer), By(NOON)))

    found = {it.entry["id"]: it for it in await letters(store)}

    assert found[older.id].newer == ""


async def test_nothing_waits_behind_a_letter_that_is_closed(store: Store) -> None:
    letter, entry = buried_row(a_command(SObject.CONTACT))
    retried = told_of(again(letter, entry), By(NOON))
    await keep(store, entry, parked(31)[1], retried)

    (told,) = await letters(store)

    assert told.closed is not None
    assert told.behind == 0


async def test_a_row_that_waits_for_its_account_is_behind_no_letter(store: Store) -> None:
    _, buried_contact = buried_row(a_command(SObject.CONTACT))
    elsewhere, _ = parked(31)
    both, once = parked(32)
    missing = ParentMissing("INVALID_FIELD")
    entries = [waits(elsewhere, missing), once, waits(both, missing), parked(33)[1]]
    await keep(store, buried_contact, *entries)

    (told,) = await letters(store)

    assert told.behind == 1


async def test_a_letter_that_was_tried_again_may_wait_behind_another(store: Store) -> None:
    command, waits_now = parked(31)
    _, buried_sale = buried_row(command, offset=1)
    _, buried_contact = buried_row(a_command(SObject.CONTACT), offset=2)
    await keep(store, buried_sale, buried_contact, waits_now)

    assert [it.behind for it in await letters(store)] == [1, 1]
