"""An org: its objects as its profile makes them, its rows, its people, its rules and what was asked of it."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from itertools import count
from typing import Any

from app.sandbox.clock import MovableClock
from app.sandbox.salesforce.bulk.job import Job
from app.sandbox.salesforce.changes import Reader
from app.sandbox.salesforce.checks import MOMENT
from app.sandbox.salesforce.counters import Counters
from app.sandbox.salesforce.derive import derivations
from app.sandbox.salesforce.furniture import furnish, put_currencies, put_stages, put_standard_book
from app.sandbox.salesforce.guard import Guard
from app.sandbox.salesforce.ids import IdMint
from app.sandbox.salesforce.limits import Limits
from app.sandbox.salesforce.products import product_derivations
from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.rows import Row, Table
from app.sandbox.salesforce.rules import Rules
from app.sandbox.salesforce.sessions import Sessions
from app.sandbox.salesforce.setup.grants import NOTHING, Grants, granted
from app.sandbox.salesforce.setup.rights import put_rights
from app.sandbox.salesforce.setup.rows import setup_derivations
from app.sandbox.salesforce.setup.sight import seen_by_api, unseen
from app.sandbox.salesforce.shape import Shape, shape_for_api, shape_for_people
from app.sandbox.salesforce.soql.run import Pages
from app.sandbox.salesforce.soql.scope import Scope
from app.sandbox.salesforce.trouble import Trouble


class Org:
    """One Salesforce org in memory. `seed` decides tokens and chance; `clock` tells and moves its time."""

    def __init__(self, profile: Profile, clock: MovableClock, *, seed: int = 0) -> None:
        self.clock = clock
        self.seed = seed
        self.grants = NOTHING
        self.field_ids: dict[str, str] = {}
        """Ids of custom fields, for the Tooling API."""
        self.described: dict[str, dict[str, Any]] = {}
        """What an admin told the Tooling API of a custom field."""
        self.mint = IdMint()
        self.numbers: dict[str, count[int]] = {}
        self.tables: dict[str, Table] = {}
        self.limits = Limits(clock.now)
        self.counters = Counters()
        self.rules = profile.rules
        self.history: dict[str, list[Row]] | None = None
        """What each row was changed to, by id, oldest first; kept when it is asked for (`keep_history`)."""
        self.cursors: dict[str, Pages] = {}
        self.jobs: dict[str, Job] = {}
        self.bulk_delay = timedelta()
        """How long a closed job waits, and then how long it is in progress."""
        self.reshape(profile)
        self.users = furnish(self.tables, self.mint, self.now, seed)
        self.sessions = Sessions(clock.now, self.users.organization, self.users.integration, seed)

    @property
    def now(self) -> str:
        """The present moment as rows keep it."""
        return self.clock.now().strftime(MOMENT)

    def reshape(self, profile: Profile) -> None:
        """Make the org what `profile` says; rows stay, those of objects that are gone wait unseen."""
        self.profile = profile
        self.objects = profile.objects()
        for name, thing in self.objects.items():
            if name in self.tables:
                self.tables[name].reshape(thing)
            else:
                self.tables[name] = Table(thing)
        self.people_shapes = self._shapes(shape_for_people, profile)
        self._see(self.grants)
        self.people_reader = Reader(profile, self.people_shapes, self.tables)
        self.derivations = (
            derivations(person_accounts=profile.person_accounts)
            | setup_derivations(self.objects, self.tables)
            | product_derivations(self.tables)
        )
        self.by_prefix = {thing.prefix: self.tables[name] for name, thing in self.objects.items()}
        self.stages = put_stages(self.tables, self.mint, self.now, profile.stages)
        put_currencies(self.tables, self.mint, profile.currencies)
        put_standard_book(self.tables, self.mint, self.now)
        self.shaped_at = format_datetime(self.clock.now(), usegmt=True)
        self.load_rules(self.rules)

    def load_rules(self, rules: Rules) -> None:
        """Put the admin's rules and the troubles in force.

        Raises:
            Refusal: a condition cannot be read.
        """
        self.guard = Guard(rules, lambda text: self.scope(text, self.people_shapes), self.tables)
        self.trouble = Trouble(rules, self.seed)
        self.rules = rules

    def scope(self, text: str, shapes: dict[str, Shape] | None = None) -> Scope:
        """Return what a query sees; by default with the eyes of the integration user."""
        seen = self.api_shapes if shapes is None else shapes
        return Scope(seen, self.tables, self.clock.now().date(), text)

    def keep_history(self) -> None:
        """Note every change of a row from now on."""
        self.history = {} if self.history is None else self.history

    def next_number(self, sobject: str) -> str:
        """Return the next automatic number of an object, as its rows show it."""
        return f"{next(self.numbers.setdefault(sobject, count(100))):08d}"

    def regrant(self) -> None:
        """Let the integration user see what its permission sets now grant."""
        grants = granted(self.tables, self.users.integration)
        if grants != self.grants:
            self._see(grants)
            self.shaped_at = format_datetime(self.clock.now(), usegmt=True)

    def _see(self, grants: Grants) -> None:
        self.grants = grants
        put_rights(self.tables["UserPermissionAccess"], self.profile)
        self.seen = seen_by_api(self.profile, self.objects, grants)
        hidden = unseen(self.profile, grants)
        shapes = self._shapes(shape_for_api, self.seen)
        self.api_shapes = {name: shape for name, shape in shapes.items() if name not in hidden}
        self.api_reader = Reader(self.profile, self.api_shapes, self.tables)

    def _shapes(self, shape: Callable[..., Shape], profile: Profile) -> dict[str, Shape]:
        return {name: shape(thing, profile, self.tables) for name, thing in self.objects.items()}
