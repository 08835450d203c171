"""The one place that turns Salesforce's refusals into ours, per row and per request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from app.salesforce.answers.complaints import MOST, code_of, complaints
from app.salesforce.answers.login_refusals import cause_of
from app.salesforce.answers.meanings import (
    CODES,
    NOT_IN_USE,
    ORG_WIDE,
    STATUSES,
    UNKNOWN,
    Meaning,
    Words,
    mend_at,
)
from app.salesforce.answers.quoting import fields_in, names, quotable
from app.salesforce.shape.describe import ISO_CODE
from app.salesforce.wire.wire import API, Reply
from streams.domain.deadletter import retry
from streams.domain.errors import (
    FreshforceError,
    Misconfigured,
    RateLimited,
    Refused,
    Transient,
    Unreachable,
)

LONGEST_RETRY_AFTER: Final = timedelta(hours=1)
DAILY_PAUSE: Final = timedelta(minutes=5)
"""How long an org rests once its calls are used up; then one call asks whether the window has moved."""

FAILED_INSIDE: Final = "UNKNOWN_EXCEPTION"
NAMELESS: Final = "HTTP_400"
"""A 400 without a code, which Salesforce always names: a page of whoever stands in between."""
_THIS_ROW_ALONE: Final[Mapping[str, str]] = {
    FAILED_INSIDE: "Salesforce fails over this row alone: mend the trigger or flow of the object that fails, "
    "or open a case with Salesforce",
    NAMELESS: "this row alone is refused, and not by Salesforce itself: does a proxy or firewall look into "
    "what we send? let it pass the row",
}

_NO_ANSWER: Final = Words(
    Meaning.TRANSIENT,
    "Salesforce gave no usable answer",
    "nothing to do: it is sent again; if it lasts, see whether a proxy answers in Salesforce's place",
)
_NO_LOGIN: Final = Words(
    Meaning.CONFIGURATION,
    "this host has no Salesforce log-in",
    "set the domain to the org's My Domain address",
)
_GRAVEST: Final = (
    Meaning.BUDGET,
    Meaning.CONFIGURATION,
    Meaning.SESSION,
    Meaning.PERMANENT,
    Meaning.SCHEMA,
    Meaning.DEPENDENCY,
    Meaning.ONCE,
    Meaning.TRANSIENT,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing Salesforce said no to, in our words: codes, fields and record ids, never values."""

    meaning: Meaning
    code: str
    reason: str
    mend: str
    fields: tuple[str, ...] = ()
    instead: str = ""
    """What helps beside the mend, by another row than this one."""
    wait: timedelta | None = field(default=None, compare=False)
    """How long Salesforce asks for quiet, where it says."""
    whole: bool = field(default=False, compare=False)
    """Whether the whole request was refused, not this row of it."""
    unsent: bool = field(default=False, compare=False)
    """Whether we refused it ourselves, by what we know of the org."""

    def at(self, connection: str) -> "Refusal":
        """Return the same, its mends naming the connection that it is of."""
        mend, instead = mend_at(connection, self.mend), mend_at(connection, self.instead)
        return replace(self, mend=mend, instead=instead)

    @property
    def mends(self) -> str:
        """All that helps."""
        return "; or ".join(filter(None, (self.mend, self.instead)))

    @property
    def mends_dead_letter(self) -> str:
        """All that helps what became a dead letter: after the mend it has to be tried again."""
        mend = self.mend and f"{self.mend}, then {retry(self.code)}"
        return replace(self, mend=mend).mends

    def error(self) -> FreshforceError:
        """Return this refusal as an error, for calls that have no rows."""
        match self.meaning:
            case Meaning.BUDGET:
                return RateLimited(API, self.wait or DAILY_PAUSE)
            case Meaning.TRANSIENT | Meaning.ONCE:
                return Unreachable(API, self.code)
            case Meaning.CONFIGURATION | Meaning.SESSION:
                return Misconfigured(self.reason, self.mend, self.code)
            case _:
                return Refused(self.reason, self.mends, self.code)


def of_error(error: FreshforceError) -> Refusal:
    """Return `error`, raised before or instead of an answer, as a refusal of the whole request."""
    match error:
        case RateLimited():
            return _whole(CODES["REQUEST_LIMIT_EXCEEDED"], "REQUEST_LIMIT_EXCEEDED", error.retry_after)
        case Transient():
            return Refusal(Meaning.TRANSIENT, error.code, str(error), _NO_ANSWER.mend, whole=True)
        case _:
            return Refusal(Meaning.CONFIGURATION, error.code, str(error), error.mend, whole=True)


def of_refused(error: Refused) -> Refusal:
    """Return the refusal that `error` was raised for, with what helps apart again."""
    words = CODES.get(error.code, Words(Meaning.PERMANENT, str(error), error.mend))
    return Refusal(words.meaning, error.code, str(error), words.mend, instead=words.instead)


def unknown_outcome(why: str) -> Refusal:
    """Return the refusal for an answer that does not say what became of the rows: they are sent again."""
    return Refusal(Meaning.TRANSIENT, "unknown-outcome", why, _NO_ANSWER.mend, whole=True)


def of_misfit(code: str, name: str, takes: str) -> Refusal:
    """Return the refusal, without a call, of a row with a value that the org's field `name` cannot take."""
    refusal = _plain(_apart(CODES[code], code, (name,)), code, (name,), f"it takes {takes}")
    return replace(refusal, unsent=True)


def of_reply(reply: Reply) -> Refusal:
    """Return what a refused request means; rows of it may pass if sent apart."""
    found = [_read(error) for error in complaints(reply.body)]
    if found:
        refusal = _by_status(reply.status, _gravest(found))
    else:
        code = STATUSES.get(reply.status, f"HTTP_{reply.status}")
        refusal = _plain(CODES.get(code, _NO_ANSWER), code)
    return replace(refusal, whole=True, wait=_retry_after(reply.headers))


def of_batch(reply: Reply) -> Refusal:
    """Return what was refused of a batch of rows.

    A 400 blames the request: where Salesforce failed inside over it, one row of it is to be found.
    """
    refusal = of_reply(reply)
    if reply.status == 400 and refusal.code == FAILED_INSIDE:  # noqa: PLR2004
        return replace(of_one_row(refusal), whole=True)
    return refusal


def of_row(errors: Iterable[Mapping[str, Any]]) -> Refusal:
    """Return what the errors of one row together mean: the gravest decides."""
    refusal = _gravest([*map(_read, islice(errors, MOST))] or [_plain(UNKNOWN, "UNNAMED")])
    if refusal.meaning is Meaning.CONFIGURATION and refusal.code not in ORG_WIDE:
        return replace(refusal, meaning=Meaning.PERMANENT)
    return refusal


def of_one_row(refusal: Refusal) -> Refusal:
    """Return `refusal`, for which Salesforce took the blame, as one that a row is the cause of."""
    mend = _THIS_ROW_ALONE[refusal.code]
    return replace(refusal, meaning=Meaning.PERMANENT, mend=mend, instead="", whole=False)


def of_login(reply: Reply) -> Refusal:
    """Return why a log-in failed; what a 4xx says is for a person to mend, never to repeat at once."""
    body = next(complaints(reply.body), {})
    error, description = code_of(body), str(body.get("error_description") or "")
    if _failing(reply.status) or "rate exceeded" in description.lower():
        return _whole(_NO_ANSWER, "login-unavailable", _retry_after(reply.headers))
    if not error:
        return _whole(_NO_LOGIN, "no-login-here")
    cause = cause_of(error, description)
    return _whole(Words(Meaning.CONFIGURATION, cause.cause, cause.mend), cause.code)


def _failing(status: int) -> bool:
    """Tell whether the status speaks of the server or its edge, not of what was asked."""
    return status >= 500 or status in {420, 429}  # noqa: PLR2004


def _by_status(status: int, refusal: Refusal) -> Refusal:
    """Let the status decide what a code does not: a code unknown to us, or any code of a failing server."""
    known = refusal.code in CODES
    if _failing(status) and (not known or refusal.meaning is Meaning.PERMANENT):
        return replace(refusal, meaning=Meaning.TRANSIENT)
    if status != 400 and not known:  # noqa: PLR2004 - a 400 may be one row's fault, the others are not
        return replace(refusal, meaning=Meaning.CONFIGURATION)
    return refusal


def _gravest(refusals: list[Refusal]) -> Refusal:
    first = min(refusals, key=lambda refusal: _GRAVEST.index(refusal.meaning))
    alike = [refusal for refusal in refusals if refusal.meaning is first.meaning]
    reasons = dict.fromkeys(refusal.reason for refusal in alike)
    fields = dict.fromkeys(name for refusal in alike for name in refusal.fields)
    return replace(first, reason="; ".join(reasons), fields=tuple(fields))


def _read(error: Mapping[str, Any]) -> Refusal:
    """Return the refusal that one `{"statusCode" | "errorCode", "message", "fields"}` states."""
    code, message = code_of(error), str(error.get("message") or "")
    words, fields = _words(code, message), names(error.get("fields")) or fields_in(message)
    return _plain(_apart(words, code, fields), code or "UNNAMED", fields, quotable(code, message, error))


def _words(code: str, message: str) -> Words:
    """Return the words of `code`; three codes say different things, told apart by their text."""
    match code:
        case "INVALID_FIELD" if message.startswith("Foreign key external ID"):
            return Words(
                Meaning.DEPENDENCY,
                "the parent row is not there yet",
                "nothing to do: it waits for its parent",
            )
        case "REQUEST_LIMIT_EXCEEDED" if message.startswith("Concurrent"):
            return Words(Meaning.TRANSIENT, "too many long requests run in the org", _NO_ANSWER.mend)
        case "INVALID_SESSION_ID" if any(text in message for text in _NEVER_CURED):
            words = CODES[code]
            return Words(Meaning.CONFIGURATION, words.cause, words.mend)
        case _:
            return CODES.get(code, UNKNOWN)


def _apart(words: Words, code: str, fields: tuple[str, ...]) -> Words:
    """Return what a code says of these fields: a currency is in no list that one adds a value to."""
    return NOT_IN_USE if code == _RESTRICTED and ISO_CODE in fields else words


_RESTRICTED: Final = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
_NEVER_CURED: Final = ("not valid for use with the REST API", "not attached to Agent")


def _plain(words: Words, code: str, fields: tuple[str, ...] = (), detail: str = "") -> Refusal:
    named = f" ({', '.join(fields)})" if fields else ""
    reason = f"{words.cause}{named}{f': {detail}' if detail else ''}"
    return Refusal(words.meaning, code, reason, words.mend, fields, words.instead)


def _whole(words: Words, code: str, wait: timedelta | None = None) -> Refusal:
    return replace(_plain(words, code), whole=True, wait=wait)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    value = headers.get("retry-after", "")
    digits = value.isascii() and value.isdigit() and len(value) < 10  # noqa: PLR2004
    return min(timedelta(seconds=int(value)), LONGEST_RETRY_AFTER) if digits else None
