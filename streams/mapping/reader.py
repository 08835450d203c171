"""From the tables of a mapping file to a mapping that is ready, or to all that is wrong with it."""

import json
import re
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from streams.domain.command import Phase, SObject
from streams.domain.identity import digest
from streams.mapping.catalogue import FOR_STAGES, SCOPES
from streams.mapping.fact import Fact, Kind
from streams.mapping.flaws import Flaw, MappingFailed
from streams.mapping.row import BY_NUMBER, BY_OPPORTUNITY, BY_PO_NUMBER, BY_REFERENCE
from streams.mapping.sheet import KEYS, NEEDED, PERSONS, Links, Mapping, Sheet
from streams.mapping.subjects import PHASES
from streams.mapping.value import Source, Wrong, source

FILE_EDITION: Final = 1
DELETED: Final = {
    SObject.ACCOUNT: ("write", "leave"),
    SObject.CONTACT: ("write", "leave"),
    SObject.OPPORTUNITY: ("lost", "leave"),
    SObject.ORDER: ("write", "leave"),
}
"""What may happen with deleted ones; the first is the default."""
_SETTINGS: Final[Map[SObject, tuple[str, ...]]] = {
    SObject.ACCOUNT: ("deleted", "fields", "create"),
    SObject.CONTACT: ("when", "deleted", "fields", "create"),
    SObject.OPPORTUNITY: ("when", "drafts", "deleted", "stages", "lines", "fields", "create"),
    SObject.ORDER: ("when", "match", "deleted", "fields"),
}
MATCHES: Final = {"opportunity": BY_OPPORTUNITY, "po_number": BY_PO_NUMBER}
"""What an Order may be found by; the first is the default."""
INVOICES: Final = {"number": BY_NUMBER, "order": BY_REFERENCE}
"""What Salesforce's Invoice may be found by; the first is the default."""
_FIELD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_OURS: Final = ("id", "attributes")
_FOUND_BY: Final[Map[SObject, tuple[str, ...]]] = {
    sobject: (key.lower(),) for sobject, key in KEYS.items()
} | {SObject.ORDER: ("account", "accountid", "opportunity", "opportunityid", BY_PO_NUMBER.lower())}
"""What rows are found by."""
_LINES: Final = "opportunity.lines"
_NEVER: Final = Source("drafts", lambda _: False, Kind.FLAG, literal=False)


class Reader:
    """Goes through a file and gathers what is wrong."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def mapping(self, raw: Map[str, Any]) -> Mapping | None:
        """Return the mapping; None when a part that it needs is missing or wrong."""
        tables = {sobject.value.lower(): sobject for sobject in SCOPES}
        self._known("", raw, ("edition", *tables, PERSONS, "invoice"))
        if raw.get("edition") != FILE_EDITION:
            self._say("edition", "is not 1", "begin the file with: edition = 1")
        sheets = {
            sobject: self._sheet(sobject, self._table(name, raw[name]))
            for name, sobject in tables.items()
            if name in raw
        }
        if SObject.ACCOUNT not in sheets:
            self._say("account", "is missing", "everything else refers to the Account: see the default")
        links = self._links(self._table("invoice", raw["invoice"])) if "invoice" in raw else None
        account = sheets.get(SObject.ACCOUNT)
        persons = self._persons(raw[PERSONS], account) if account and PERSONS in raw else None
        if account is None or self.flaws:
            return None
        contact, sale, order = map(sheets.get, (SObject.CONTACT, SObject.OPPORTUNITY, SObject.ORDER))
        opportunity = self._table("opportunity", raw.get("opportunity", {}))
        stages, drafts = self._stages(opportunity), self._drafts(opportunity)
        shown = [*filter(None, (sale, order))]
        personal = any(_personal(sheet, drafts, *stages.values()) for sheet in shown)
        return Mapping(
            account=account,
            person_account=persons,
            contact=contact,
            opportunity=sale,
            order=order,
            orders_by=MATCHES[raw.get("order", {}).get("match", "opportunity")],
            invoice=links,
            lines=self._itemised(opportunity),
            drafts=drafts,
            stages=stages,
            stage_of={phase: each.get for phase, each in stages.items()},
            leaves_deleted_accounts=account.leave_deleted,
            follows_client=personal or (sale is not None and account.leave_deleted),
            hash=said(raw),
        )

    def _links(self, raw: Map[str, Any]) -> Links:
        self._known("invoice", raw, ("match", "unpaid"))
        by = self._choice("invoice.match", raw.get("match"), tuple(INVOICES))
        unpaid = self._choice("invoice.unpaid", raw.get("unpaid"), ("keep", "clear"))
        return Links(INVOICES.get(str(by), BY_REFERENCE), clears=unpaid == "clear")

    def _sheet(self, sobject: SObject, raw: Map[str, Any]) -> Sheet:
        name = sobject.value.lower()
        self._known(name, raw, _SETTINGS[sobject])
        if sobject is SObject.OPPORTUNITY:
            self._drafts(raw)
            self._stages(raw)
            self._itemised(raw)
        deleted = self._choice(f"{name}.deleted", raw.get("deleted"), DELETED[sobject])
        if sobject is SObject.ORDER:
            self._choice(f"{name}.match", raw.get("match"), tuple(MATCHES))
        when = self._flag(f"{name}.when", raw["when"], SCOPES[sobject]) if "when" in raw else None
        sources = self._fields(sobject, self._table(f"{name}.fields", raw.get("fields", {})))
        create = self._create(sobject, self._table(f"{name}.create", raw.get("create", {})), sources)
        return Sheet.of(sobject, sources, create, when, leave_deleted=deleted == "leave")

    def _choice(self, key: str, raw: object, choices: tuple[str, ...]) -> object:
        """Return what was chosen, the first when nothing was."""
        if raw is not None and raw not in choices:
            self._say(key, "is no such choice", f"write {' or '.join(map(repr, choices))}")
        return choices[0] if raw is None else raw

    def _persons(self, raw: object, account: Sheet) -> Sheet:
        """Return what the Account of a person gets: what any Account does, and the table's own lines."""
        table, scope = self._table(PERSONS, raw), SCOPES[SObject.ACCOUNT]
        self._known(PERSONS, table, ("when", "fields", "create"))
        when = self._flag(f"{PERSONS}.when", table.get("when", "client.is_person"), scope)
        prefix, spelled = f"{PERSONS}.fields", dict[str, str]()
        own = self._sources(SObject.ACCOUNT, prefix, self._table(prefix, table.get("fields", {})), spelled)
        if "lastname" not in spelled:
            self._say(prefix, "LastName is missing", "Salesforce takes no person account without it")
        sources = {name: it for name, it in account.sources.items() if name.lower() not in spelled} | own
        prefix, spelled = f"{PERSONS}.create", {name.lower(): name for name in sources}
        create = self._sources(SObject.ACCOUNT, prefix, self._table(prefix, table.get("create", {})), spelled)
        sheet = Sheet.of(SObject.ACCOUNT, sources, create, when, leave_deleted=account.leave_deleted)
        return replace(sheet, table=PERSONS)

    def _fields(self, sobject: SObject, raw: Map[str, Any]) -> dict[str, Source]:
        prefix = f"{sobject.value.lower()}.fields"
        spelled: dict[str, str] = {}
        found = self._sources(sobject, prefix, raw, spelled)
        for name in NEEDED[sobject]:
            if name.lower() not in spelled:
                self._say(prefix, f"{name} is missing", f"Salesforce takes no {sobject.value} without it")
        return found

    def _create(self, sobject: SObject, raw: Map[str, Any], fields: Map[str, Source]) -> dict[str, Source]:
        """Return what a row gets besides when it is made; a field that every change writes is none of it."""
        prefix, spelled = f"{sobject.value.lower()}.create", {name.lower(): name for name in fields}
        return self._sources(sobject, prefix, raw, spelled)

    def _sources(
        self, sobject: SObject, prefix: str, raw: Map[str, Any], spelled: dict[str, str]
    ) -> dict[str, Source]:
        found: dict[str, Source] = {}
        for name, value in raw.items():
            key = f"{prefix}.{name}"
            if self._writable(sobject, key, name, spelled) and (
                got := self._source(key, value, SCOPES[sobject])
            ):
                found[name] = got
        self._parents(prefix, found)
        return found

    def _writable(self, sobject: SObject, key: str, name: str, spelled: dict[str, str]) -> bool:
        """Tell whether a field of that name is ours to map; Salesforce makes no difference of capitals."""
        if not _FIELD.fullmatch(name):
            self._say(key, "is no name of a field", "write its API name, such as Phone or Region__c")
        elif name.lower() in (*_OURS, *_FOUND_BY[sobject]):
            self._say(key, "is written by Freshforce itself", "leave the line out")
        elif name.lower() in spelled:
            self._say(key, f"is the same field as {spelled[name.lower()]}", "leave one of them out")
        else:
            spelled[name.lower()] = name
            return True
        return False

    def _parents(self, prefix: str, found: Map[str, Source]) -> None:
        for name, got in found.items():
            parent = name == "Account" or name.endswith("__r")
            if got.kind is Kind.PARENT and not parent:
                mend = "write Account, or a relationship of your own such as Customer__r"
                self._say(f"{prefix}.{name}", "takes no reference", mend)
            elif parent and got.kind is not Kind.PARENT:
                self._say(f"{prefix}.{name}", "takes a reference", f'write {name} = "client.account"')

    def _drafts(self, raw: Map[str, Any]) -> Source:
        return self._flag("opportunity.drafts", raw.get("drafts", False), SCOPES[SObject.OPPORTUNITY])

    def _itemised(self, raw: Map[str, Any]) -> bool:
        """Tell whether lines are asked for: the table alone says so."""
        if "lines" not in raw:
            return False
        table = self._table(_LINES, raw["lines"])
        self._known(_LINES, table, ("write",))
        wanted = table.get("write", True)
        if not isinstance(wanted, bool):
            self._say(f"{_LINES}.write", "is neither true nor false", "write = true")
        return wanted is True

    def _flag(self, key: str, raw: object, scope: Map[str, Fact]) -> Source:
        got = self._source(key, raw, scope)
        if got is not None and got.kind not in {Kind.FLAG, None}:
            self._say(key, "is neither true nor false", "refer to a yes-or-no fact, or compare in a template")
        return got or _NEVER

    def _stages(self, raw: Map[str, Any]) -> dict[Phase, Source]:
        table = self._table("opportunity.stages", raw.get("stages", {}))
        self._known("opportunity.stages", table, PHASES)
        found: dict[Phase, Source] = {}
        for phase in PHASES:
            key = f"opportunity.stages.{phase}"
            value = table.get(phase, f"connection.stage_{phase}")
            got = self._source(key, value, FOR_STAGES)
            if got is not None and got.kind not in {Kind.TEXT, None}:
                self._say(key, "is no name of a stage", '{ literal = "Closed Won" }')
            if got is not None:
                found[phase] = replace(got, get=_named(key, got.get))
        return found

    def _source(self, key: str, raw: object, scope: Map[str, Fact]) -> Source | None:
        try:
            return source(key, raw, scope)
        except Wrong as wrong:
            self.flaws.append(wrong.flaw)
        except MappingFailed as failed:
            self._say(key, str(failed), "write fewer digits")
        return None

    def _table(self, key: str, raw: object) -> Map[str, Any]:
        if isinstance(raw, dict):
            return raw
        self._say(key, "is no table", f"write [{key}] and its lines below")
        return {}

    def _known(self, key: str, raw: Map[str, Any], names: Iterable[str]) -> None:
        for name in raw:
            if name not in names:
                near = get_close_matches(name, names, 1)
                mend = f"did you mean {near[0]}?" if near else f"the keys here are {', '.join(names)}"
                self._say(f"{key}.{name}" if key else name, "is no key here", mend)

    def _say(self, key: str, says: str, mend: str) -> None:
        self.flaws.append(Flaw(key, says, mend))


def _named(key: str, get: Callable[[Any], Any]) -> Callable[[Any], str]:
    """Return what gives a stage: always a text."""

    def named(it: Any) -> str:
        found = get(it)
        if isinstance(found, str):
            return found
        raise MappingFailed(key, "gives no name of a stage")

    return named


def _personal(sheet: Sheet, *more: Source) -> bool:
    """Tell whether a row shows, or hangs on, anything that changes with the client itself."""
    used = [*sheet.sources.values(), *more, *([sheet.when] if sheet.when else [])]
    return any(fact.personal for each in used for fact in each.facts)


def said(raw: Map[str, Any]) -> str:
    """Return the hash of what a file says."""
    return digest(
        "mapping", json.dumps(raw, sort_keys=True, default=lambda value: [type(value).__name__, str(value)])
    )
