"""The simulated FreshBooks as one object: its parts, and how an event becomes webhooks."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from app.sandbox.clock import MovableClock
from app.sandbox.faults import FaultPlan
from app.sandbox.freshbooks.account import Account, Application, sandbox_application
from app.sandbox.freshbooks.books import Books
from app.sandbox.freshbooks.callbacks import Callback, Callbacks
from app.sandbox.freshbooks.delivery import handshake, verifiers
from app.sandbox.freshbooks.knobs import Knobs
from app.sandbox.freshbooks.listing import Listing
from app.sandbox.freshbooks.mailroom import Mailroom
from app.sandbox.freshbooks.shown import Shown
from app.sandbox.freshbooks.switches import HandshakeTime, Switches
from app.sandbox.freshbooks.tokens import Tokens


@dataclass(frozen=True)
class Profile:
    """What a simulated FreshBooks starts with; switches and knobs can be changed while it runs."""

    account: Account = field(default_factory=Account)
    application: Application | None = None
    """None: the one that belongs to the seed."""
    switches: Switches = field(default_factory=Switches)
    knobs: Knobs = field(default_factory=Knobs)


class FreshBooks:
    """One account of a simulated FreshBooks. `read` is the real clock."""

    def __init__(self, read: Callable[[], datetime], seed: int = 0, profile: Profile | None = None) -> None:
        profile = profile or Profile()
        self.account = profile.account
        self.application = profile.application or sandbox_application(seed)
        self.switches = profile.switches
        self.clock = MovableClock(read)
        self.books = Books(self.clock, self.switches, self.tell)
        self.shown = Shown(self.books, self.account, self.switches)
        self.listing = Listing(self.books, self.shown, self.switches)
        self.tokens = Tokens(self.application, self.account, self.clock, self.switches, seed)
        self.callbacks = Callbacks(self.clock, self.switches, verifiers(seed))
        self.mailroom = Mailroom(profile.knobs, seed)
        self.faults = FaultPlan()
        self.requests: Counter[str] = Counter()
        """Requests per endpoint, `GET accounting/invoices/invoices/{id} 200`."""
        self.events: Counter[str] = Counter()
        """Events that happened, by name, heard by a callback or not."""

    def tell(self, noun: str, verb: str, object_id: int) -> None:
        """Send an event to each verified callback that wants it."""
        self.events[f"{noun}.{verb}"] += 1
        for callback in self.callbacks.listening(noun, verb):
            name = f"{noun}.{verb}"
            self.mailroom.post(callback, name, object_id, self._fields(name, object_id))

    async def shake_hands(self, callback: Callback) -> None:
        """Send a callback its verifier, before or after the caller answers the registration."""
        fields = self._fields("callback.verify", callback.id) | {"verifier": callback.verifier}
        if self.switches.handshake_has_system:
            fields["system"] = f"https://{self.account.account_id.lower()}.freshbooks.com"
        delivery = handshake(callback, fields, signed=self.switches.handshake_signed)
        match self.switches.handshake_time:
            case HandshakeTime.AFTER:
                self.mailroom.post_later(delivery, self.switches.handshake_delay)
            case HandshakeTime.BEFORE:
                await self.mailroom.post_now(delivery)

    def _fields(self, name: str, object_id: int) -> dict[str, str]:
        """Return an event's form in the recorded order: ids, and nothing that tells two updates apart."""
        return {
            "name": name,
            "object_id": str(object_id),
            "user_id": str(self.account.staff_id),
            "identity_id": str(self.account.identity_id),
            "business_id": str(self.account.business_id),
            "account_id": self.account.account_id,
        }
