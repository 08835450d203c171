"""What each step makes the users do: a stream of acts, each with what is learnt from it."""

import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from app.sandbox.freshbooks.acts import Change, Create
from app.sandbox.freshbooks.acts import Remove as RemoveAct
from app.sandbox.freshbooks.amounts import cents
from app.sandbox.freshbooks.lines import lines_of, total
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.freshbooks.people import PAYMENT_TYPES, a_client, some_lines
from app.sandbox.freshbooks.rows import Vis
from app.sandbox.scenarios.cast import Cast
from app.sandbox.scenarios.story import (
    Archive,
    OpenClients,
    Pay,
    Remove,
    Rename,
    Reprice,
    Restore,
    SendInvoices,
    WriteInvoices,
)

Changing = SendInvoices | Archive | Rename | Reprice
Acting = OpenClients | WriteInvoices | Pay | Remove | Restore | Changing


class Planned(NamedTuple):
    """An act, and what to note when its object's id is known."""

    act: Create | Change | RemoveAct
    learn: Callable[[int], None]


def acts_of(step: Acting, cast: Cast, size: int) -> Iterator[Planned]:
    """Return the acts of one step. Targets are drawn when the first act is asked for."""
    match step:
        case OpenClients():
            acts = _open_clients(step, cast, size)
        case WriteInvoices():
            acts = _write_invoices(step, cast, size)
        case Pay():
            acts = _pay(step, cast)
        case Remove():
            acts = _remove(step, cast)
        case Restore():
            acts = _restore(step, cast)
        case _:
            acts = _change(step, cast)
    return acts


def count(per_hundred: float, size: int) -> int:
    """Return how many objects a step makes at this size."""
    return max(1, round(per_hundred * size / 100))


def _open_clients(step: OpenClients, cast: Cast, size: int) -> Iterator[Planned]:
    group = cast.group(step.name, Noun.CLIENT)
    for _ in range(count(step.per_hundred, size)):
        body = a_client(cast.chance)

        def learn(client: int, code: str = body["currency_code"]) -> None:
            group.append(client)
            cast.currency[client] = code

        yield Planned(Create(noun=Noun.CLIENT, body=body), learn)


def _write_invoices(step: WriteInvoices, cast: Cast, size: int) -> Iterator[Planned]:
    group, clients = cast.group(step.name, Noun.INVOICE), list(cast.groups[step.of])
    for _ in range(count(step.per_hundred, size)):
        living = list(cast.living(clients))
        if not living:
            return
        client, lines = cast.chance.choice(living), some_lines(cast.chance)
        body = {
            "customerid": client,
            "create_date": cast.day,
            "due_offset_days": step.due_days,
            "currency_code": cast.currency[client],
            "lines": lines,
        }

        def learn(invoice: int, client: int = client, lines: list[dict[str, Any]] = lines) -> None:
            group.append(invoice)
            cast.currency[invoice] = cast.currency[client]
            cast.amount[invoice] = _total(lines)

        yield Planned(Create(noun=Noun.INVOICE, body=body), learn)


def _pay(step: Pay, cast: Cast) -> Iterator[Planned]:
    group, part = cast.group(step.name, Noun.PAYMENT), Decimal(str(step.part))
    for invoice in cast.living(cast.some(step.of, step.share)):
        amount = cents(cast.amount[invoice] * part)
        body = {
            "invoiceid": invoice,
            "amount": {"amount": str(amount), "code": cast.currency[invoice]},
            "date": cast.day,
            "type": cast.chance.choice(PAYMENT_TYPES),
        }
        yield Planned(Create(noun=Noun.PAYMENT, body=body), group.append)


def _remove(step: Remove, cast: Cast) -> Iterator[Planned]:
    for one in cast.living(cast.some(step.of, step.share)):
        cast.gone.add(one)
        yield Planned(RemoveAct(noun=cast.noun_of[step.of], id=one), _nothing)


def _restore(step: Restore, cast: Cast) -> Iterator[Planned]:
    for one in cast.some(step.of, step.share):
        cast.gone.discard(one)
        body = {"vis_state": int(Vis.ACTIVE)}
        yield Planned(Change(noun=cast.noun_of[step.of], id=one, body=body), _nothing)


def _change(step: Changing, cast: Cast) -> Iterator[Planned]:
    for one in cast.living(cast.some(step.of, step.share)):
        yield Planned(Change(noun=cast.noun_of[step.of], id=one, body=_body(step, cast, one)), _nothing)


def _body(step: Changing, cast: Cast, one: int) -> dict[str, Any]:
    match step:
        case SendInvoices(by_email=True):
            return {"action_email": True, "email_recipients": ["payer@example.com"]}
        case SendInvoices():
            return {"action_mark_as_sent": True}
        case Archive():
            return {"vis_state": int(Vis.ARCHIVED)}
        case Rename():
            return _other_name(cast.chance)
        case Reprice():
            return {"lines": _other_lines(cast, one)}


def _other_name(chance: random.Random) -> dict[str, Any]:
    """Return a move: another name and address, the same currency."""
    return {key: value for key, value in a_client(chance).items() if key != "currency_code"}


def _other_lines(cast: Cast, invoice: int) -> list[dict[str, Any]]:
    lines = some_lines(cast.chance)
    cast.amount[invoice] = _total(lines)
    return lines


def _total(lines: list[dict[str, Any]]) -> Decimal:
    return total(lines_of(lines, Noun.INVOICE), Decimal(0))


def _nothing(_: int) -> None:
    """Learn nothing new."""
