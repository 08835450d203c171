"""SOQL over HTTP: a page of rows, and the address of the next."""

from app.sandbox.salesforce.api.exchange import Answer, Ask
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.refusal import Code, Json, bad_request
from app.sandbox.salesforce.soql.parser import parse
from app.sandbox.salesforce.soql.run import Pages, run

SMALLEST_PAGE = 200
MOST_LETTERS = 100_000
MOST_CURSORS = 100


def query(org: Org, ask: Ask) -> Answer:
    """Answer the first page of a query."""
    return _first(org, ask, deleted=False)


def query_all(org: Org, ask: Ask) -> Answer:
    """Answer the first page of a query that also looks into the recycle bin."""
    return _first(org, ask, deleted=True)


def next_page(org: Org, ask: Ask, locator: str) -> Answer:
    """Answer a further page: `01g...-2000` begins at the row of that number."""
    name, _, place = locator.partition("-")
    pages = org.cursors.get(name)
    if pages is None or not place.isdigit():
        raise bad_request(Code.INVALID_QUERY_LOCATOR, "invalid query locator")
    return Answer(body=_page(ask, name, pages, int(place)))


def _first(org: Org, ask: Ask, *, deleted: bool) -> Answer:
    text = ask.query.get("q", "")
    if not text or len(text) > MOST_LETTERS:
        raise bad_request(
            Code.MALFORMED_QUERY, "A query string has to be specified, of at most 100,000 characters."
        )
    found = run(parse(text), org.scope(text), ask.version, deleted=deleted)
    if found.counted:
        return Answer(body={"totalSize": len(found.rows), "done": True, "records": []})
    pages = Pages(found, _page_size(org, ask))
    return Answer(body=_page(ask, _keep(org, pages), pages, 0))


def _page_size(org: Org, ask: Ask) -> int:
    asked = ask.headers.get("Sforce-Query-Options", "").replace(" ", "").removeprefix("batchSize=")
    most = org.profile.page
    return min(most, max(SMALLEST_PAGE, int(asked))) if asked.isdigit() else most


def _keep(org: Org, pages: Pages) -> str:
    if len(pages.found.rows) <= pages.size:
        return ""
    while len(org.cursors) >= MOST_CURSORS:
        del org.cursors[next(iter(org.cursors))]
    name = org.mint.new("01g")
    org.cursors[name] = pages
    return name


def _page(ask: Ask, name: str, pages: Pages, begin: int) -> Json:
    rows, end = pages.found.rows, begin + pages.size
    body: Json = {"totalSize": len(rows), "done": end >= len(rows)}
    if not body["done"]:
        body["nextRecordsUrl"] = f"/services/data/{ask.version}/query/{name}-{end}"
    return body | {"records": [pages.found.show(row) for row in rows[begin:end]]}
