"""Writes rows for one request: who writes, when, and how to take it all back."""

from dataclasses import dataclass

from app.sandbox.salesforce.actor import Actor
from app.sandbox.salesforce.derive import Written
from app.sandbox.salesforce.guard import refuse_taken
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.person import contact_of, refuse_under_person
from app.sandbox.salesforce.products import summed
from app.sandbox.salesforce.refusal import Code, Json, entity_is_deleted, not_found, refuse
from app.sandbox.salesforce.rows import Row, Table
from app.sandbox.salesforce.shape import Shape


@dataclass(frozen=True, slots=True)
class _Done:
    table: Table
    row_id: str
    before: Row | None
    was_deleted: bool
    told: bool

    def take_back(self) -> None:
        """Put the row back to how it was: absent, live or in the recycle bin."""
        if self.row_id in self.table.deleted:
            self.table.unbin(self.table.deleted[self.row_id])
        if self.before is None:
            self.table.drop(self.row_id)
            return
        self.table.put(self.before)
        if self.was_deleted:
            self.table.bin(self.before)


class Writer:
    """One actor's writes at one moment. `undo` takes back what was written since a mark."""

    def __init__(self, org: Org, actor: Actor) -> None:
        self.org = org
        self._actor = actor
        self._now = org.now
        self._done: list[_Done] = []
        self.reader = org.api_reader if actor.through_api else org.people_reader
        self.shapes = self.reader.shapes

    def insert(self, shape: Shape, body: Json) -> str:
        """Add a row; return its id.

        Raises:
            Refusal: the row is not to be.
        """
        self._may_create(shape)
        changes = self.reader.changes(shape, body, creating=True)
        row = self._blank(shape) | changes
        self._complete(shape, None, changes, row)
        return str(row["Id"])

    def update(self, shape: Shape, row_id: str, body: Json) -> None:
        """Change a row.

        Raises:
            Refusal: the row is not there, or is not to become so.
        """
        old = self.row(shape, row_id)
        barred = shape.name in self.org.seen.cannot_edit or not shape.thing.updateable
        if self._actor.through_api and barred:
            raise refuse(
                Code.CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY, f"entity type cannot be updated: {shape.name}"
            )
        changes = self.reader.changes(shape, body, creating=False)
        self._complete(shape, old, changes, old | changes)

    def row(self, shape: Shape, row_id: str) -> Row:
        """Return a live row.

        Raises:
            Refusal: there is none, or it was deleted.
        """
        table = self.org.tables[shape.name]
        if (row := table.rows.get(row_id)) is not None:
            return row
        raise entity_is_deleted() if row_id in table.deleted else not_found()

    def note(
        self, table: Table, before: Row | None, row_id: str, *, deleted: bool = False, told: Row | None = None
    ) -> None:
        """Remember how a row was, so that it can be taken back; `told` goes into the row's history."""
        history = self.org.history
        if history is not None and told is not None:
            history.setdefault(row_id, []).append(told)
        self._done.append(_Done(table, row_id, before, deleted, told is not None and history is not None))

    @property
    def user_id(self) -> str:
        """Who writes."""
        return self._actor.user_id

    def mark(self) -> int:
        """Return the present place, for `undo`."""
        return len(self._done)

    def undo(self, mark: int = 0) -> None:
        """Take back everything since `mark`, the last first."""
        while len(self._done) > mark:
            done = self._done.pop()
            done.take_back()
            if done.told and self.org.history is not None:
                self.org.history[done.row_id].pop()

    def stamped(self, row: Row) -> Row:
        """Return `row` as written now by this actor."""
        now, by = self._now, self._actor.user_id
        return row | {"LastModifiedDate": now, "LastModifiedById": by, "SystemModstamp": now}

    def sum_up(self, opportunity_id: str) -> None:
        """Make an Opportunity what its lines say."""
        table = self.org.tables["Opportunity"]
        if (before := table.get(opportunity_id)) is not None:
            self.note(table, before, opportunity_id)
            table.put(self.stamped(summed(self.org.tables, opportunity_id)))

    def _may_create(self, shape: Shape) -> None:
        barred = shape.name in self.org.seen.cannot_create or not shape.thing.createable
        if self._actor.through_api and barred:
            raise refuse(
                Code.CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY, f"entity type cannot be inserted: {shape.name}"
            )

    def _blank(self, shape: Shape) -> Row:
        row = {"Id": self.org.mint.new(shape.thing.prefix)} | shape.blanks
        row |= {"CreatedDate": self._now, "CreatedById": self._actor.user_id}
        fields = shape.thing.fields
        if "OwnerId" in fields:
            row["OwnerId"] = self._actor.user_id
        if "CurrencyIsoCode" in fields:
            row["CurrencyIsoCode"] = self.org.profile.currencies[0]
        for name in shape.numbered:
            row[name] = self.org.next_number(shape.name)
        return row

    def _complete(self, shape: Shape, old: Row | None, changes: Row, new: Row) -> None:
        org, table = self.org, self.org.tables[shape.name]
        now, by = self._now, self._actor.user_id
        new["LastModifiedDate"] = new["SystemModstamp"] = now
        new["LastModifiedById"] = by
        derive = org.derivations.get(shape.name)
        if derive is not None:
            derive(Written(old, changes, new, now, org.stages))
        if shape.name == "Contact":
            refuse_under_person(org, new)
        org.guard.check(shape, new, creating=old is None, allow_save=self._actor.allow_save)
        refuse_taken(shape, table, new)
        if new.get("IsPersonAccount"):
            self._put_person(new)
        table.put(new)
        self.note(table, old, new["Id"], told={**changes, "LastModifiedById": by, "LastModifiedDate": now})
        if shape.name == "OpportunityLineItem":
            self.sum_up(new["OpportunityId"])

    def _put_person(self, account: Row) -> None:
        contact = contact_of(self.org, account)
        account["PersonContactId"] = contact["Id"]
        contacts = self.org.tables["Contact"]
        self.note(contacts, contacts.get(contact["Id"]), contact["Id"])
        contacts.put(contact)
