"""Which dead letters a command means: by the beginnings of their ids, or all open ones of a cause."""

from collections.abc import Iterable, Mapping, Sequence

from app.cli.actor import whoever
from app.cli.clock import now
from app.deadletters.archive import fetched
from app.deadletters.older import with_older
from app.deadletters.retry import Again
from app.deadletters.said import By
from app.deadletters.shown import closed_line
from app.kafka.client import client_options
from app.settings import load
from app.view.heard import refuse_unheard
from app.view.letters import Letter, letters, meant
from app.view.store import Store
from streams.domain.deadletter import DeadLetter
from streams.domain.errors import Misconfigured


class NoLetter(Misconfigured):
    """An id means no dead letter, or more than one."""

    code = "no-dead-letter"
    mend = "see `freshforce deadletters list --json`; the view role must run to know new ones"


class LetterClosed(Misconfigured):
    """Nothing is left to do about a letter: what became of it would be undone."""

    code = "letter-closed"


async def told(connection: str = "") -> tuple[list[Letter], bool]:
    """Return the letters that the view knows, of one connection or all, and whether it knows anything.

    Raises:
        NotHeardOf: the view tells nothing of that connection, though of others.
    """
    store = await Store.open(load().database)
    try:
        if connection:
            await refuse_unheard(store, connection)
        return await letters(store, connection), bool(await store.positions())
    finally:
        await store.close()


async def one(letter_id: str) -> tuple[Letter, DeadLetter | None]:
    """Return the letter that is meant, and what Kafka keeps of it."""
    letter = _meant((await told())[0], letter_id)
    return letter, (await fetched(client_options(load()), [letter])).get(letter.id)


async def chosen(ids: Iterable[str], cause: str = "") -> list[Letter]:
    """Return those that are named, and the open ones of `cause`, in the order of their topics.

    Raises:
        NoLetter: one of the ids is not known, or there is none of that cause.
    """
    known, _ = await told()
    return _chosen(known, ids, cause)


async def to_discard(ids: Iterable[str], cause: str = "") -> list[Letter]:
    """Return those that are meant as `chosen` does, with the older ones of their rows that go with them.

    Raises:
        NoLetter: one of the ids is not known, or there is none of that cause.
        LetterClosed: one of them is closed already.
    """
    known, _ = await told()
    wanted = _chosen(known, ids, cause)
    refuse_closed(wanted, "leave it out: it needs nothing any more")
    return sorted(with_older(wanted, known), key=_standing)


def refuse_closed(found: Iterable[Letter], mend: str) -> None:
    """Raise unless something is left to do about each: what somebody did, or what came later, stands.

    Raises:
        LetterClosed: names those of which that is not so, and what became of them.
    """
    closed = [f"{it.id[:12]} is closed: {closed_line(it.closed)}" for it in found if it.closed is not None]
    if closed:
        message = f"{'; '.join(closed)}; nothing was done"
        raise LetterClosed(message, mend)


async def kept(found: Sequence[Letter]) -> list[Again]:
    """Return the letters with what Kafka keeps of them: all, or nothing is done.

    Raises:
        NoLetter: one is no longer kept.
    """
    return _paired(found, await fetched(client_options(load()), found))


def by(reason: str = "") -> By:
    """Return who acts now."""
    return By(now(), whoever(), reason)


def _chosen(known: Sequence[Letter], ids: Iterable[str], cause: str) -> list[Letter]:
    of_cause = [letter for letter in known if letter.code == cause and letter.closed is None]
    if cause and not of_cause:
        message = f"no dead letter of the cause {cause} is open"
        raise NoLetter(message)
    named = [_meant(known, each) for each in ids]
    return sorted({letter.id: letter for letter in (*named, *of_cause)}.values(), key=_standing)


def _paired(found: Sequence[Letter], archived: Mapping[str, DeadLetter]) -> list[Again]:
    if gone := [letter.id for letter in found if letter.id not in archived]:
        message = f"no longer in Kafka: {', '.join(gone)}; nothing was done"
        raise NoLetter(message)
    return [Again(letter, archived[letter.id]) for letter in found]


def _standing(letter: Letter) -> tuple[str, int, int]:
    return letter.place.topic, letter.place.partition, letter.place.offset


def _meant(known: Iterable[Letter], beginning: str) -> Letter:
    match meant(known, beginning):
        case [letter]:
            return letter
        case []:
            message = f"no dead letter {beginning} is known"
        case several:
            message = f"{len(several)} dead letters begin with {beginning}"
    raise NoLetter(message)
