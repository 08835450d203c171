"""Estimates, in short: what is written, what is shown."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from enum import IntEnum
from typing import Any

from app.sandbox.freshbooks.amounts import money, number
from app.sandbox.freshbooks.bodies import Body, day, merged, plain, required
from app.sandbox.freshbooks.lines import discount_on, lines_of, shown_line, total
from app.sandbox.freshbooks.moments import eastern
from app.sandbox.freshbooks.rows import ClientRow, EstimateRow, Texts

BLANK: Texts = {
    "language": "en",
    "notes": "",
    "po_number": None,
    "template": "clean-grouped",
    "terms": None,
    "vat_name": "",
    "vat_number": "",
}
_READ_ONLY: Texts = {
    "address": "",
    "ext_archive": 0,
    "modern_projectid": None,
    "ownerid": 1,
    "reply_status": None,
    "require_client_signature": False,
    "rich_proposal": False,
    "sentid": 1,
}


class EstimateStage(IntEnum):
    """An estimate's `status`; read-only."""

    DRAFT = 1
    SENT = 2
    ACCEPTED = 5


def new_estimate(estimate_id: int, body: Body, client: ClientRow, given: str, now: datetime) -> EstimateRow:
    """Return a new estimate for `client`, a draft."""
    blank = EstimateRow(
        id=estimate_id,
        client=client.id,
        number=given,
        currency=client.texts.get("currency_code", "USD"),
        create_date=day(required(body, "estimate", "create_date"), "estimate", "create_date"),
        lines=(),
        face=client.face,
        created=now,
        updated=now,
    )
    return written_estimate(blank, body)


def written_estimate(estimate: EstimateRow, body: Body) -> EstimateRow:
    """Return `estimate` with the fields of `body`; the same when nothing in it differs."""
    after = replace(
        estimate,
        number=plain("estimate_number", body.get("estimate_number"), "") or estimate.number,
        currency=plain("currency_code", body.get("currency_code"), "") or estimate.currency,
        create_date=day(body.get("create_date", estimate.create_date.isoformat()), "estimate", "create_date"),
        lines=lines_of(body["lines"], "estimate") if "lines" in body else estimate.lines,
        discount=number(body.get("discount_value", estimate.discount), "estimate", "discount_value"),
        texts=merged(estimate.texts, body, BLANK),
    )
    return replace(after, amount=total(after.lines, after.discount))


def shown_estimate(
    estimate: EstimateRow, account_id: str, organization: str, more: Mapping[str, Any]
) -> Texts:
    """Return the estimate's JSON."""
    code, name = estimate.currency, EstimateStage(estimate.stage).name.lower()
    return {
        **BLANK,
        **_READ_ONLY,
        **estimate.texts,
        **asdict(estimate.face),
        "accepted": estimate.stage == EstimateStage.ACCEPTED,
        "accounting_systemid": account_id,
        "amount": money(estimate.amount, code),
        "create_date": estimate.create_date.isoformat(),
        "created_at": eastern(estimate.created),
        "currency_code": code,
        "current_organization": organization,
        "customerid": estimate.client,
        "description": estimate.lines[0].description if estimate.lines else "",
        "discount_total": money(discount_on(estimate.lines, estimate.discount), code),
        "discount_value": f"{estimate.discount:f}",
        "display_status": name,
        "estimate_number": estimate.number,
        "estimateid": estimate.id,
        "id": estimate.id,
        "invoiced": False,
        "status": int(estimate.stage),
        "ui_status": name,
        "updated": eastern(estimate.updated),
        "vis_state": int(estimate.vis_state),
        **more,
    }


def estimate_lines(estimate: EstimateRow) -> list[Texts]:
    """Return the lines, which are shown only when asked for."""
    updated = eastern(estimate.updated)
    return [
        shown_line(line, place, estimate.id, estimate.currency, updated)
        for place, line in enumerate(estimate.lines, start=1)
    ]
