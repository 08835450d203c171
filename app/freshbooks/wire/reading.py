"""FreshBooks' object → our reading: the snapshot and when it changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from app.freshbooks.wire.client import WireClient
from app.freshbooks.wire.fields import read, unreadable
from app.freshbooks.wire.invoice import WireInvoice
from app.freshbooks.wire.payment import WirePayment
from streams.domain.identity import ObjectKind
from streams.domain.snapshot import Gone, Visibility
from streams.ports import Reading

_MODELS: Final[Mapping[ObjectKind, type[WireClient | WireInvoice | WirePayment]]] = {
    ObjectKind.CLIENT: WireClient,
    ObjectKind.INVOICE: WireInvoice,
    ObjectKind.PAYMENT: WirePayment,
}


def reading(kind: ObjectKind, given: object, read_at: datetime) -> Reading:
    """Return what FreshBooks' JSON says of an object, read at `read_at` (aware).

    A deleted object is dated by its reading: whether a deletion moves `updated` is not confirmed.

    Raises:
        Unreadable: `given` is no such object, or an amount is none that we can hold.
    """
    found = read(_MODELS[kind], given)
    try:
        snapshot = found.snapshot()
    except ValidationError as error:
        raise unreadable(kind.value, error) from None
    deleted = found.vis_state is Visibility.DELETED
    return Reading(snapshot, read_at if deleted else found.updated or read_at, read_at)


def gone(read_at: datetime) -> Reading:
    """Return the reading of an object that FreshBooks does not know."""
    return Reading(Gone(), read_at, read_at)
