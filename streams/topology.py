"""The pipeline as a value: which topic feeds which step, what each writes, which tables each keeps."""

from dataclasses import dataclass
from typing import Final

from streams.domain.audit import Step
from streams.domain.command import Command
from streams.domain.identity import ConnectionName
from streams.loop.contract import Stage
from streams.mapping.rules import treats_as_derived
from streams.ports import NO_JOINS, Books, Joins, Rows, Settings, State
from streams.steps.deliver import Deliver
from streams.steps.fetch import Fetch
from streams.steps.reads import Reads
from streams.steps.translate import Translate
from streams.topics import (
    AUDIT,
    CLIENTS_OF,
    COMMANDS,
    COMMANDS_ASIDE,
    CONNECTIONS,
    DEADLETTERS,
    EVENTS,
    EVENTS_ASIDE,
    GRANT_REQUESTS,
    GRANTS,
    ID_MAP,
    LEDGER,
    MATCHES,
    PARKED,
    RECORDS,
    REPLAYS,
    Table,
    Topic,
)


@dataclass(frozen=True, slots=True)
class Flow:
    """One step's place in the pipeline. What is read beside `reads` is followed as a whole, not consumed."""

    step: Step
    reads: Topic | None
    writes: tuple[Topic, ...]
    tables: tuple[Table, ...] = ()
    follows: tuple[Topic, ...] = ()


_BY_PEOPLE: Final = (EVENTS, RECORDS, AUDIT, GRANTS, GRANT_REQUESTS, CONNECTIONS, REPLAYS, MATCHES)
"""Where people write, by a command or on a page."""

FLOWS: Final = (
    Flow(Step.INGRESS, None, (EVENTS, AUDIT, GRANT_REQUESTS, GRANTS), follows=(GRANTS, CONNECTIONS)),
    Flow(Step.POLL, None, (EVENTS, AUDIT, GRANT_REQUESTS, GRANTS), follows=(GRANTS, CONNECTIONS)),
    *(
        Flow(step, None, _BY_PEOPLE, follows=(GRANTS, CONNECTIONS, REPLAYS, MATCHES))
        for step in (Step.COMMAND_LINE, Step.DESK)
    ),
    Flow(
        Step.FETCH,
        EVENTS,
        (RECORDS, EVENTS, AUDIT, DEADLETTERS, GRANT_REQUESTS),
        (CLIENTS_OF, EVENTS_ASIDE),
        follows=(GRANTS, CONNECTIONS, REPLAYS, MATCHES),
    ),
    Flow(
        Step.TRANSLATE,
        RECORDS,
        (COMMANDS, RECORDS, AUDIT, DEADLETTERS),
        (LEDGER,),
        follows=(CONNECTIONS, REPLAYS),
    ),
    Flow(
        Step.DELIVER,
        COMMANDS,
        (COMMANDS, EVENTS, AUDIT, DEADLETTERS, MATCHES),
        (ID_MAP, PARKED, COMMANDS_ASIDE),
        follows=(GRANTS, CONNECTIONS, REPLAYS, MATCHES),
    ),
    Flow(
        Step.KEEP_GRANTS,
        GRANT_REQUESTS,
        (GRANTS, GRANT_REQUESTS, AUDIT, DEADLETTERS),
        follows=(GRANTS, CONNECTIONS, REPLAYS),
    ),
)
"""Everybody who writes to our topics, in the order in which a webhook meets them."""


def stages(books: Books, rows: Rows, settings: Settings, joins: Joins = NO_JOINS) -> tuple[Stage, ...]:
    """Return the steps from event to row, ready for the loop: one of each is made per partition."""
    reads = Reads(books)

    def fetch(clients_of: State) -> Fetch:
        return Fetch(reads, clients_of, joins)

    def translate(ledger: State, ahead: Deliver | None = None) -> Translate:
        return Translate(ledger, settings, ahead.rest if ahead else None)

    def deliver(id_map: State, parked: State) -> Deliver:
        return Deliver(rows, id_map, parked, holds_back, as_derived)

    def holds_back(connection: ConnectionName) -> bool:
        try:
            return settings[connection].holds_back
        except KeyError:
            return False

    def as_derived(command: Command) -> bool:
        try:
            return treats_as_derived(command, settings[command.connection])
        except KeyError:
            return True

    return (
        Stage(Step.FETCH, EVENTS, fetch, (CLIENTS_OF,), aside=EVENTS_ASIDE),
        Stage(Step.TRANSLATE, RECORDS, translate, (LEDGER,), ahead=Step.DELIVER),
        Stage(Step.DELIVER, COMMANDS, deliver, (ID_MAP, PARKED), aside=COMMANDS_ASIDE),
    )
