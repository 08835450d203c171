"""What a refused row's asker is told."""

from dataclasses import replace

from app.salesforce.answers.meanings import Meaning
from app.salesforce.answers.refusals import Refusal
from app.salesforce.answers.results import Outcome
from app.salesforce.care.currency import MEND, held_by_lines
from app.salesforce.rows.row import Row
from streams.ports import Answer, ParentMissing, Rejected


def verdict(row: Row, refusal: Refusal) -> Answer | None:
    """Return the end that `refusal` is for `row`; None when the row is to be sent again.

    A race, and a schema that was not as we knew it, are given one more chance each.
    """
    match refusal.meaning:
        case Meaning.DEPENDENCY:
            return ParentMissing(refusal.code, refusal.fields)
        case Meaning.PERMANENT:
            return rejected(row, refusal)
        case Meaning.ONCE | Meaning.SCHEMA if refusal.code in row.retried:
            return rejected(row, refusal)
        case _:
            row.retried |= {refusal.code}
            return None


def is_for_people(outcome: Outcome) -> bool:
    """Tell whether a row passes only after a person has mended something."""
    return isinstance(outcome, Refusal) and outcome.meaning is Meaning.CONFIGURATION


def rejected(row: Row, refusal: Refusal) -> Rejected:
    """Return the end of a row that Salesforce will never take: record, cause, fields and mend."""
    if held_by_lines(row, refusal):
        refusal = replace(refusal, mend=MEND, instead="")
    return Rejected(refusal.code, f"{row.name}: {refusal.reason}", refusal.mends_dead_letter, refusal.fields)
