"""What Salesforce holds of each row, as far as we delivered it: 34 bytes per row, under a 16-byte digest."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from streams.domain.command import Command, Lookup, SObject
from streams.domain.identity import SalesforceId
from streams.ports import State

RowKey = bytes
"""Digest of the row's name."""


class Delivered(NamedTuple):
    """The last command that Salesforce took for a row. Without a Salesforce id the row is lost there."""

    salesforce_id: SalesforceId
    version: int
    content: bytes
    sought: int = 0
    """Where there is no row that only people make: how new the reading was with which it was looked for.

    Of an Opportunity whose invoice went away: which command said so first.
    """

    @property
    def there(self) -> bool:
        """Whether Salesforce has the row, as far as we know."""
        return bool(self.salesforce_id)


NO_CONTENT = bytes(8)
MOST_TIMES = 255
_ID = 8
"""How much of a command's id is kept."""
_SOUGHT = b"\0"
"""Stands where a Salesforce id would begin: when the row was looked for in vain follows."""
NOTHING = Delivered(SalesforceId(""), -1, b"")


@dataclass(frozen=True, slots=True)
class IdMap:
    """The id map of one partition."""

    state: State

    def of(self, row: RowKey) -> Delivered:
        """Return what was delivered of a row, `NOTHING` if nothing was."""
        raw = self.state.get(row)
        if raw is None:
            return NOTHING
        who, version, content = raw[:18], int.from_bytes(raw[18:26], "big"), raw[26:]
        if who.startswith(_SOUGHT):
            return Delivered(SalesforceId(""), version, content, int.from_bytes(who[1:9], "big"))
        return Delivered(SalesforceId(who.decode().rstrip()), version, content)

    def put(self, row: RowKey, delivered: Delivered) -> None:
        """Keep what was delivered of a row."""
        who = delivered.salesforce_id.encode()
        if delivered.sought and not who:
            who = _SOUGHT + delivered.sought.to_bytes(8, "big")
        self.state[row] = who.ljust(18)[:18] + delivered.version.to_bytes(8, "big") + delivered.content

    def holds(self, row: RowKey, command: Command) -> bool:
        """Tell whether Salesforce already has what `command` asks for, so that no call is needed.

        A demand to send it all the same counts until the row was sent for that demand, or a later one.
        Nor is a call needed where the same state was looked for in vain before: only a change looks again,
        and none that is but read again from the log under a later version.
        """
        known = self.of(row)
        if self.demanded(row, command):
            return False
        in_vain = known.version == command.version or known.sought >= moment(command)
        settled = known.there or (command.optional and in_vain)
        return settled and known.content == short(command) and known.version >= self._doubt(command)

    def passed_over(self, row: RowKey, command: Command) -> None:
        """Note that a newer state took the place of `command`: the look for that one is a look for this one.

        Until that look is over, none counts as done. Of a row that is there nobody knows what it holds:
        a worker before us may have sent `command`, and died before it could say so. What it demanded the
        newer state has to meet.
        """
        known = self.of(row)
        if self.demanded(row, command):
            if command.version >= known.version:
                self.unsure(row)
            self.met(row, command)
        if known.there and command.version >= known.version and known.content != short(command):
            self.unsure(row)
        if known.there or not command.optional:
            return
        its = moment(command)
        looked = known.content == short(command) and its <= known.sought
        content = known.content if looked or command.version < known.version else NO_CONTENT
        sought = max(known.sought, its)
        if (content, sought) != (known.content, known.sought):
            self.put(row, Delivered(SalesforceId(""), max(known.version, 0), content, sought))

    def demanded(self, row: RowKey, command: Command) -> bool:
        """Tell whether `command` carries a demand that is not met yet."""
        return bool(command.nonce) and command.nonce.encode() > self.state.get(_demand_key(row), b"")

    def met(self, row: RowKey, command: Command) -> None:
        """Note that `command` was sent: a demand that it carries is met, and so is every earlier one."""
        if self.demanded(row, command):
            self.state[_demand_key(row)] = command.nonce.encode()

    def was_another(self, row: RowKey, now: SalesforceId) -> bool:
        """Tell whether the row was a different record before: somebody deleted that one.

        The id says so. `created` would not: the call that made the new record may have lost its answer.
        """
        before = self.of(row)
        return before.there and before.salesforce_id[:15] != now[:15]

    def unsure(self, row: RowKey) -> None:
        """Note that nobody knows what Salesforce holds of a row: an answer may be lost."""
        known = self.of(row)
        if known.there and known.content != NO_CONTENT:
            self.put(row, known._replace(content=NO_CONTENT))

    def outdid(self, row: RowKey, version: int) -> bool:
        """Tell whether a row that failed at a version was delivered since.

        Then a worker of an earlier release did, who knows nothing of what failed and leaves it noted.
        """
        known = self.of(row)
        again = known.version == version and known.there and known.content != NO_CONTENT
        return again or known.version > version

    def left_behind(self, opportunity: Command) -> bool:
        """Tell whether anything that is found by an Opportunity was sent, or looked for in vain, without it.

        What is in doubt with all of its client's is sent again anyway, and so is what is under way. On demand
        all rows of an invoice are read anew: what was looked for with an older reading comes along.
        """
        since = moment(opportunity) if opportunity.nonce else 1
        return any(
            its.version >= self._doubt(opportunity)
            if its.there
            else its.sought >= since and its.content != NO_CONTENT
            for its in map(self.of, map(row_key, opportunity.found))
        )

    def made_anew(self, row: RowKey, command: Command) -> int:
        """Note that it was `command` that made an Opportunity, beside which others were left behind.

        Return how often in a row one that was demanded turned out to be gone again, this time included.
        """
        before, its = self.state.get(_anew_key(row), b""), bytes.fromhex(command.id)[:_ID]
        times = int.from_bytes(before[_ID:], "big") if command.nonce else 0
        if before[:_ID] != its:  # the same command, read again after a crash or retried, counts once
            times = min(times + 1, MOST_TIMES)
        self.state[_anew_key(row)] = its + times.to_bytes(1, "big")
        return times

    def stays(self, row: RowKey) -> None:
        """Note that an Opportunity was there still: those that were gone before are no row of them."""
        if len(made := self.state.get(_anew_key(row), b"")) > _ID:
            self.state[_anew_key(row)] = made[:_ID]

    def made_anew_by(self, row: RowKey, command: Command) -> bool:
        """Tell whether it was this very command: read again after a crash, it tells so again."""
        return self.state.get(_anew_key(row), b"")[:_ID] == bytes.fromhex(command.id)[:_ID]

    def lose(self, parent: RowKey) -> None:
        """Note that Salesforce does not have a row any more."""
        self.put(parent, self.of(parent)._replace(salesforce_id=SalesforceId("")))

    def doubt(self, command: Command) -> None:
        """Note that `command` showed that Salesforce had lost the client's Account.

        An Account takes its Contacts and Opportunities along, so nothing delivered for the client up to
        this version counts as being there: some of it was not sent, but believed unchanged.
        """
        doubted = (command.version + 1).to_bytes(8, "big")
        self.state[_doubt_key(command)] = doubted + bytes.fromhex(command.id)[:8]

    def doubted(self, key: str) -> bool:
        """Tell whether Salesforce was ever found to have lost a client's Account."""
        return row_key(f"{key} in doubt") in self.state

    def doubted_by(self, command: Command) -> bool:
        """Tell whether it was this very command that showed the loss."""
        return self.state.get(_doubt_key(command), b"")[8:] == bytes.fromhex(command.id)[:8]

    def _doubt(self, command: Command) -> int:
        return int.from_bytes(self.state.get(_doubt_key(command), b"")[:8], "big")


def row_key(row: str) -> RowKey:
    """Return the key of a row by its name."""
    return blake2b(row.encode(), digest_size=16).digest()


def parents(command: Command) -> Iterator[RowKey]:
    """Yield the keys of the rows that must be there before this one."""
    for name, value in command.fields.items():
        if isinstance(value, Lookup):
            yield row_key(f"{command.key}:{name}:{value.external_id}")


def is_parent(command: Command) -> bool:
    """Tell whether other rows of the client wait for this one."""
    return command.sobject is SObject.ACCOUNT


def short(command: Command) -> bytes:
    """Return the part of the content hash that is kept: 64 bits tell the contents of one row apart."""
    return bytes.fromhex(command.content)[:8]


def moment(command: Command) -> int:
    """Return how new the reading is that a command comes from, in microseconds."""
    return int(command.read_at.timestamp() * 1_000_000)


def _demand_key(row: RowKey) -> bytes:
    return row_key(f"{row.hex()} on demand")


def _anew_key(row: RowKey) -> bytes:
    return row_key(f"{row.hex()} made anew")


def _doubt_key(command: Command) -> bytes:
    return row_key(f"{command.key} in doubt")
