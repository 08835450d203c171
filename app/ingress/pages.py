"""The few pages that a person's browser may see of the ingress: fixed, in plain words, nothing to load."""

from typing import Final

from app.ingress.answers import Answer

_HEAD: Final = (
    "Content-Type: text/html; charset=utf-8",
    "Cache-Control: no-store",
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy: no-referrer",
    "X-Content-Type-Options: nosniff",
)
"""The address of the page holds the code: it goes to no other site, into no cache and into no frame."""

_PAGE: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Freshforce: {title}</title>
<body style="font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem">
<h1>{title}</h1><p>{says}</p><p>{next}</p></body></html>
"""


class Page(Answer):
    """A page that never changes; the browser's connection ends with it."""

    def __init__(self, status: int, title: str, says: str, next_: str, *more: str) -> None:
        body = _PAGE.format(title=title, says=says, next=next_).encode()
        super().__init__(status, *_HEAD, *more, body=body, close=True)


CAME: Final = Page(
    200,
    "FreshBooks said yes",
    "FreshBooks has allowed Freshforce to read the books. Nothing else is needed here.",
    "Close this page and go back to where you began: the terminal or the connect page goes on by itself.",
)
DENIED: Final = Page(
    200,
    "FreshBooks said no",
    "The access was not allowed, or the app asks for more than it is registered for. Nothing was changed.",
    "Go back to where you began: it says what to check. Then begin again.",
)
UNKNOWN: Final = Page(
    404,
    "Nobody asked for this",
    "This address belongs to no question of this Freshforce. Nothing was changed.",
    "Begin again with <code>freshforce connect freshbooks</code> or on the connect page.",
)
OVER: Final = Page(
    410,
    "This was answered before",
    "The question has had its answer, or another one was asked since. Nothing was changed.",
    "Close this page and go back to where you began: the terminal or the connect page says how it stands.",
)
LATE: Final = Page(
    404,
    "This comes too late",
    "The question was open for an hour, and that is over. Nothing was changed.",
    "Begin again with <code>freshforce connect freshbooks</code> or on the connect page.",
)
NOT_YET: Final = Page(
    503,
    "Not kept yet",
    "Freshforce cannot keep the answer at the moment.",
    "Reload this page in a few seconds; FreshBooks' answer is good for five minutes.",
    "Retry-After: 5",
)
MANY: Final = Page(
    429, "Too many at once", "Too many answers came within a moment.", "Reload this page in a few seconds."
)
