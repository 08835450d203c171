"""Masking: nothing of an incident goes out but what is named here; each value has its rule.

Kept: days and times, currencies, quantities and tax rates, FreshBooks' own words for a state, the names of
Salesforce's own fields and of ours. Numbered anew: connection, account, every id. Scaled: amounts. Disguised:
every text. All else is left out, what FreshBooks said beyond our own words (`more`) and the webhooks first.
"""

import re
from collections.abc import Sequence
from typing import Final

from app.replay.incident.disguise import Scale, Texts
from app.replay.incident.fields import Fields
from app.replay.incident.ids import Ids
from app.replay.incident.mapping import MappingMask
from app.replay.incident.snapshots import STATES, Snapshots
from app.replay.incident.told import Answered, Heard
from streams.domain.connection import Connection, Stages
from streams.domain.identity import AccountId, ConnectionName, EventId, RecordId
from streams.domain.joined import Joined
from streams.domain.record import Record

MASKED: Final = ConnectionName("masked")
_CODE: Final = re.compile(r"[A-Z][A-Z_]{2,80}|[a-z][a-z-]{2,60}")
"""Salesforce's codes and ours are such words."""
_CURRENCY: Final = re.compile(r'"currency":"([A-Z]{3})"')
_STAGES: Final = Stages()


class Mask:
    """Masks one client's stream: the same value is always the same replacement, and ids keep their order."""

    def __init__(self, secret: bytes, records: Sequence[Record], connection: Connection) -> None:
        texts, self._ids = Texts(secret), Ids(records)
        self._texts, self._fields = texts, Fields(texts)
        self._snapshot = Snapshots(texts, Scale(secret), self._ids)
        kept = STATES | _currencies(records) | {connection.org_currency}
        self._mapping = MappingMask(texts, self._fields, kept)

    def connection(self, it: Connection) -> Connection:
        """Return what of a connection decides about rows.

        Raises:
            Unmaskable: its mapping does not work once its texts are disguised.
        """
        return Connection(
            name=MASKED,
            freshbooks_account_id=AccountId(MASKED),
            closed_won_when=it.closed_won_when,
            stages=Stages(
                draft=self._stage(it.stages.draft, _STAGES.draft),
                invoiced=self._stage(it.stages.invoiced, _STAGES.invoiced),
                won=self._stage(it.stages.won, _STAGES.won),
                lost=self._stage(it.stages.lost, _STAGES.lost),
            ),
            account_matching=it.account_matching,
            after_failure=it.after_failure,
            drafts=it.drafts,
            org_currency=it.org_currency,
            foreign_amount=it.foreign_amount,
            mapping=self._mapping(it.mapping) if it.mapping else "",
            removed=it.removed,
        )

    def record(self, it: Record) -> Record:
        """Return a record as it may go out."""
        return Record(
            id=RecordId(self._ids.records[it.id]),
            connection=MASKED,
            client=self._ids.client(it.client),
            object=it.object,
            object_id=self._ids.object(it.object, it.object_id),
            version=it.version,
            read_at=it.read_at,
            cause=EventId(self._ids.events[it.cause]),
            snapshot=self._snapshot(it.snapshot),
            whole=it.whole,
            nonce=self._ids.demand(it.nonce),
            joined=Joined(to=self._ids.or_nobody(it.joined.to), at=it.joined.at) if it.joined else None,
        )

    def answered(self, it: Answered) -> Answered:
        """Return an answer as it may go out: which record it was is only compared."""
        who = f"{it.salesforce_id[:3]}-{self._ids.rows[it.salesforce_id]}" if it.salesforce_id else ""
        code = it.code if _CODE.fullmatch(it.code) else self._texts[it.code]
        fields = tuple(map(self._fields.__getitem__, it.fields))
        return Answered(outcome=it.outcome, salesforce_id=who, created=it.created, code=code, fields=fields)

    def heard(self, it: Heard) -> Heard:
        """Return an event as it may go out."""
        number = self._ids.object(it.object, it.object_id)
        return it.model_copy(update={"id": EventId(self._ids.events[it.id]), "object_id": number})

    def _stage(self, name: str, usual: str) -> str:
        return name if name == usual else self._texts[name]


def _currencies(records: Sequence[Record]) -> set[str]:
    """Return the currencies that records name."""
    return {it for record in records for it in _CURRENCY.findall(record.model_dump_json())}
