"""The backstage of a running org: what tests and scenarios turn, in this process."""

from datetime import timedelta

from app.sandbox.faults import FaultPlan, Faults
from app.sandbox.salesforce.auth import App, AuthTrouble
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.people import People
from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.refusal import Json
from app.sandbox.salesforce.rows import Row
from app.sandbox.salesforce.rules import Rules


class Backstage:
    """Everything that is not part of Salesforce's API."""

    def __init__(self, org: Org, plan: FaultPlan, app: App) -> None:
        self._org = org
        self._plan = plan
        self._app = app
        self.people = People(org)

    def profile(self, name: str | None = None, **switches: object) -> Profile:
        """Make the org one of the shipped profiles (or leave it), set switches; return what it now is."""
        kind = self._org.profile if name is None else Profile.named(name)
        if name is not None or switches:
            self._org.reshape(kind.with_(**switches))
        return self._org.profile

    def rules(self, rules: Rules) -> None:
        """Put rules in force, and row troubles and poison, in place of those before."""
        self._org.load_rules(rules)

    def faults(self, faults: Faults) -> None:
        """Put faults in force on all calls; `Faults()` heals."""
        self._plan.load(faults)

    def auth(self, trouble: AuthTrouble | None) -> None:
        """Make every login fail in one way; None: as it should be."""
        self._app.trouble = trouble

    def limit(
        self,
        *,
        daily: int | None = None,
        used: int | None = None,
        long_running: int | None = None,
        of_app: int | None = None,
    ) -> str:
        """Set the allowance of calls and what of it is used; return the header of the next answer.

        `of_app` is what our app is granted alone: from then on the header counts its calls apart.
        """
        limits = self._org.limits
        limits.daily = limits.daily if daily is None else daily
        limits.long_running = limits.long_running if long_running is None else long_running
        limits.of_app = limits.of_app if of_app is None else of_app
        if used is not None:
            limits.use(used)
        return limits.header()

    def bulk_delay(self, delay: timedelta) -> None:
        """Let closed bulk jobs wait so long, and then be in progress so long."""
        self._org.bulk_delay = delay

    def session_lifetime(self, lifetime: timedelta) -> None:
        """Set how long a session lives that is not used; sessions already open keep their end."""
        self._org.sessions.lifetime = lifetime

    def revoke_sessions(self) -> int:
        """End every session; return how many there were."""
        return self._org.sessions.revoke()

    def advance(self, by: timedelta) -> str:
        """Move the clock; return the new time."""
        self._org.clock.advance(by)
        return self._org.now

    def keep_history(self) -> None:
        """Note every change of every row from now on."""
        self._org.keep_history()

    def history(self, row_id: str) -> list[Row]:
        """Return what a row was changed to since `keep_history`, oldest first."""
        return (self._org.history or {}).get(row_id, [])

    def counters(self) -> Json:
        """Return what was asked of the org so far."""
        return self._org.counters.as_json() | {
            "faults": dict(self._plan.struck),
            "api_usage": self._org.limits.header(),
        }

    def reset_counters(self) -> None:
        """Count from nothing again."""
        self._org.counters.reset()
