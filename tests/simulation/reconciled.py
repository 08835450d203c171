"""A world that is compared when all is at rest: lists, log and org; and somebody who meddles."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.reconcile import live
from app.reconcile.asked import events
from app.reconcile.compare_rows import RowComparison
from app.reconcile.difference import Named, Sort
from app.reconcile.held import Held, held
from app.reconcile.report import Report
from app.reconcile.seen import moment_of, seen
from app.reconcile.shown import Shown
from app.reconcile.told import Told
from app.salesforce.lanes.lanes import Lanes
from app.sandbox.salesforce.people import People
from streams.codec import decode
from streams.domain.audit import AuditEntry
from streams.domain.event import Event
from streams.domain.identity import ObjectKind
from streams.domain.record import Record
from streams.domain.snapshot import Client, Gone, Invoice, Payment, Visibility
from streams.mapping.rules import Rules
from streams.topics import AUDIT, EVENTS, ID_MAP, RECORDS
from tests.builders.events import ACME
from tests.builders.records import a_client
from tests.simulation.joining import Joining
from tests.simulation.whole import KEYS, OneKey, Whole

Planted = tuple[Sort, Named, str]
"""Sort, object, and the kind of row where it lies in Salesforce."""

OURS = {
    "Account": "FreshBooks_Paid__c",
    "Contact": "FirstName",
    "Opportunity": "FreshBooks_Invoice_Number__c",
}


@dataclass
class Reconciled(Whole):
    """Plays, is meddled with, and is compared."""

    async def compared(self) -> Report:
        """Compare all three as they are."""
        connection = self.settings[ACME]
        client = Lanes(self.settings, OneKey(self.wire.app), self.wire, chance=self.chance).client(ACME)
        now = self._now() + timedelta(seconds=1)
        org: Held = await held(client, connection, Rules.of(connection).mapping, now, lambda _: None)
        shown, told = self.shown(), self.told()
        rows = RowComparison(connection, told, org, self._id_map(), live.live_objects(shown))
        return live.report(connection, shown, told, org, rows)

    def shown(self) -> Shown:
        """What FreshBooks' lists show."""
        shown = Shown(self._now() + timedelta(seconds=1))
        for (_, kind, number), (snapshot, changed) in self.books.objects.items():
            if not isinstance(snapshot, Gone):
                named, client = Named(kind, number), getattr(snapshot, "client", number)
                shown.objects[named] = seen(snapshot, moment_of(changed), shown.began, client)
                shown.stamps[named] = changed.isoformat()
        return shown

    def told(self) -> Told:
        """What the log tells."""
        told = Told()
        for event in self._values(EVENTS.name, Event):
            told.event(event)
        for record in self._values(RECORDS.name, Record):
            told.record(record)
        for entry in self._values(AUDIT.name, AuditEntry):
            told.entry(entry, 0)
        return told

    def plant(self) -> Planted | None:
        """Make one difference, anywhere; None where the thing to spoil is not there."""
        ways: tuple[Callable[[], Planted | None], ...] = (
            self._lose_a_webhook,
            self._lose_a_new_client,
            self._lose_a_delete,
            self._change_a_row,
            self._delete_a_row,
            self._stray,
        )
        return self.chance.choice(ways)()

    async def put_right(self, report: Report) -> None:
        """Turn what differs into events, and let the workers work them off."""
        for event in events(ACME, report.differences, self._now()):
            self._event(event)
        await self._work_to_the_end()

    def _lose_a_webhook(self) -> Planted | None:
        named = self._any_live()
        if named is None:
            return None
        snapshot, _ = self.books.objects[ACME, named.kind, named.number]
        changed = {Client: {"email": "new@x.example"}, Payment: {"type": "Wire"}, Invoice: {}}[type(snapshot)]
        self.books.put(ACME, snapshot.model_copy(update=changed))  # type: ignore[arg-type]  # it is live
        return Sort.MISSED_WEBHOOK, named, ""

    def _lose_a_new_client(self) -> Planted:
        self.books.put(ACME, a_client(99, organization="Nobody told us"))
        return Sort.MISSED_WEBHOOK, Named(ObjectKind.CLIENT, 99), ""

    def _lose_a_delete(self) -> Planted | None:
        named = self._any_live()
        if named is None:
            return None
        snapshot, _ = self.books.objects[ACME, named.kind, named.number]
        if self.chance.happens(0.5):
            self.books.vanish(ACME, *named)
        else:
            gone = snapshot.model_copy(update={"visibility": Visibility.DELETED})
            self.books.put(ACME, gone)  # type: ignore[arg-type]  # it is live
        return Sort.MISSED_DELETE, named, ""

    def _change_a_row(self) -> Planted | None:
        if (found := self._any_row()) is None:
            return None
        sobject, row, named = found
        People(self.org).edit(sobject, row["Id"], {OURS[sobject]: "spoilt"})
        return Sort.UNKNOWN_CHANGE, named, sobject

    def _delete_a_row(self) -> Planted | None:
        found = self._any_row()
        if found is None or found[0] == "Account":  # it would take the others along
            return None
        sobject, row, named = found
        People(self.org).delete(sobject, row["Id"])
        return Sort.DRIFT, named, sobject

    def _stray(self) -> Planted:
        key = f"{self.settings[ACME].freshbooks_account_id}:777"
        People(self.org).insert("Account", {"Name": "Who is that?", KEYS["Account"]: key})
        return Sort.MISSED_DELETE, Named(ObjectKind.CLIENT, 777), "Account"

    def _any_live(self) -> Named | None:
        shown = self.shown().objects
        live_ = sorted(named for named, it in shown.items() if it.live)
        return self.chance.choice(live_) if live_ else None

    def _any_row(self) -> tuple[str, dict[str, Any], Named] | None:
        rows = [*self._rows()]
        return self.chance.choice(rows) if rows else None

    def _rows(self) -> Iterator[tuple[str, dict[str, Any], Named]]:
        """Yield the rows that the books call for: what a draft was before is nobody's any more.

        What a joined client had before shows no money, and is compared for that.
        """
        account = self.settings[ACME].freshbooks_account_id
        wanted = {*self.wanted(), *(("Account", f"{account}:{client}") for client in self.homes)}
        for sobject, key in KEYS.items():
            for row in People(self.org).rows(sobject):
                kind = ObjectKind.INVOICE if sobject == "Opportunity" else ObjectKind.CLIENT
                if (sobject, str(row.get(key))) in wanted:
                    yield sobject, dict(row), Named(kind, int(str(row[key]).rpartition(":")[2]))

    def _values(self, topic: str, kind: type[Any]) -> list[Any]:
        return [decode(kind, value) for _, value, _ in self.broker.topic(topic)]

    def _id_map(self) -> dict[bytes, bytes]:
        rows: dict[bytes, bytes] = {}
        for number in range(self.broker.partitions):
            rows |= self.broker.table((ID_MAP.changelog, number))
        return rows


@dataclass
class ReconciledTogether(Reconciled, Joining):
    """The same where clients come to share an Account, and have their own again."""


def found(report: Report) -> set[Planted]:
    """What a report names, as it is planted."""
    return {(it.sort, it.named, it.row.partition(" ")[0]) for it in report.differences}
