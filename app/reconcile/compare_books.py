"""FreshBooks' lists against the log, object by object."""

from collections.abc import Iterator

from app.reconcile.difference import Difference, Explained, Named, Sort, Why
from app.reconcile.seen import Seen
from app.reconcile.shown import Shown
from app.reconcile.told import Told


def compared(shown: Shown, told: Told) -> Iterator[Difference | Explained]:
    """Yield what FreshBooks shows otherwise than the log tells, once per object, in order.

    What was deleted before the log began is in neither. What the log read after the lists were begun is
    newer than they are.
    """
    for named in sorted(shown.objects.keys() | told.objects.keys()):
        found = _difference(named, shown, told.objects.get(named))
        if found is not None:
            yield explained(found, told) or found


def explained(found: Difference, told: Told) -> Explained | None:
    """Return what explains a difference: its news is on its way, or became a dead letter."""
    if (code := told.buried.get(found.named)) is not None:
        return Explained(Why.DEAD, found.named, code, found.row)
    if (says := told.unhandled.get(found.named)) is not None:
        return Explained(Why.IN_FLIGHT, found.named, says, found.row)
    return None


def _difference(named: Named, shown: Shown, known: Seen | None) -> Difference | None:
    here, stamp = shown.objects.get(named), shown.stamps.get(named, "")
    if known is not None and known.read_at is not None and known.read_at >= shown.began:
        return None
    if here is not None and here.live:
        if known is None:
            return Difference(Sort.MISSED_WEBHOOK, named, "FreshBooks has it, the log has not", stamp=stamp)
        if not known.live or here.newer_than(known):
            return Difference(Sort.MISSED_WEBHOOK, named, "FreshBooks has a newer version", stamp=stamp)
        return None
    if known is None or not known.live:
        return None
    says = "FreshBooks has deleted it" if here else "FreshBooks does not have it (any more)"
    return Difference(Sort.MISSED_DELETE, named, says, stamp=stamp)
