"""The commands: one short file per verb, loaded only when it is called."""

import importlib
import importlib.util
from typing import Any, Final, NamedTuple

import click

from app import telemetry
from app.settings import BadSettings
from streams.domain.errors import FreshforceError, Misconfigured, Transient

MISUSE: Final = 2


class Verb(NamedTuple):
    """Where a command is found, and what it does in one line: help must not load Kafka, Java or SQL."""

    path: str
    says: str


VERBS: Final = {
    "demo": Verb("app.cli.demo:demo", "Show the whole way, FreshBooks to Salesforce, on this machine."),
    "run": Verb("app.cli.run:run", "Run the roles: ingress, worker, poller, view, desk."),
    "health": Verb("app.cli.health:health", "Say whether the roles that run here do their work."),
    "connect": Verb("app.cli.connect:connect", "Connect a FreshBooks account or a Salesforce org."),
    "connections": Verb("app.cli.connections:connections", "List, show, set, pause or remove connections."),
    "ping": Verb("app.cli.ping:ping", "Call both systems and say what is missing and how to mend it."),
    "setup": Verb("app.cli.setup:setup", "Make a Salesforce org ready: fields, permission set; plan first."),
    "webhooks": Verb("app.cli.webhooks:webhooks", "Register, list, verify or remove FreshBooks callbacks."),
    "mapping": Verb(
        "app.cli.mapping:mapping", "Say which Salesforce field gets what; check and rehearse it."
    ),
    "match": Verb("app.cli.match:match", "Say which Salesforce Account a FreshBooks client is."),
    "poll": Verb("app.cli.poll:poll", "Ask FreshBooks once, now, for what changed."),
    "backfill": Verb("app.cli.backfill:backfill", "Put FreshBooks' history into the log; forecast first."),
    "reconcile": Verb("app.cli.reconcile:reconcile", "Prove that FreshBooks, the log and Salesforce agree."),
    "replay": Verb("app.cli.replay:replay", "Replay the log: preview, apply, pause, stop; prove it."),
    "state": Verb("app.cli.state:state", "Show a client's rows as they were; what changed since."),
    "trace": Verb("app.cli.trace:trace", "Show everything that ever happened to one FreshBooks object."),
    "audit": Verb("app.cli.audit:audit", "Prove that nobody changed the audit topic."),
    "view": Verb("app.cli.view:view", "Say where the audit view stands, or build it anew."),
    "report": Verb("app.cli.report:report", "Report: expected cash, what is in step, how long it takes."),
    "deadletters": Verb("app.cli.deadletters:deadletters", "Look at the messages that could not be handled."),
    "keys": Verb("app.cli.keys:keys", "Make, rotate, list or retire the keys of the grants."),
    "kafka": Verb("app.cli.kafka:kafka", "Start, stop or look at the embedded Kafka."),
    "topics": Verb("app.cli.topics:topics", "Create and check our topics in Kafka."),
    "schemas": Verb("app.cli.schemas:schemas", "Check or export the schemas of our messages."),
    "sandbox": Verb("app.cli.sandbox:sandbox", "Run a FreshBooks and a Salesforce to try things on."),
    "bench": Verb("app.cli.bench:bench", "Measure, side by side with peers."),
}


class NoFile(Misconfigured):
    """A file or folder of ours cannot be read or written."""

    code = "no-file"
    mend = "let us read and write it, or name another place: FRESHFORCE_HOME, FRESHFORCE_KEY_FILE"


class Stopped(click.ClickException):
    """One of our errors, as a person at a terminal reads it: what, and the mend."""

    def __init__(self, error: FreshforceError) -> None:
        known = error.mend or ("try again later" if isinstance(error, Transient) else "")
        mend = f"\n  mend: {known}" if known else ""
        super().__init__(f"{error.code}: {error}{mend}")
        self.exit_code = MISUSE if isinstance(error, BadSettings) else 1


class Verbs(click.Group):
    """The group of all verbs; each is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the verbs that this release has."""
        return [name for name, verb in VERBS.items() if _exists(verb)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the verb and return it."""
        verb = VERBS.get(cmd_name)
        if verb is None or not _exists(verb):
            return None
        module, _, name = verb.path.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the verbs without importing one."""
        rows = [(name, VERBS[name].says) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb; our own errors leave as one line with their mend, never as a traceback."""
        try:
            return super().invoke(ctx)
        except FreshforceError as error:
            raise Stopped(error) from None
        except OSError as error:
            if error.filename is None:
                raise
            raise Stopped(NoFile(f"{error.filename}: {error.strerror}")) from None


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="freshforce")
def freshforce() -> None:
    """Carry FreshBooks clients, invoices and payments into Salesforce, losing nothing.

    Start with `freshforce demo`. For your own accounts: keys new, run, connect, setup, ping,
    webhooks.

    Settings come from the environment or a .env file (FRESHFORCE_…). Exit code 0 is fine, 1 means
    something was found, 2 is misuse or a bad setting.
    """
    telemetry.configure()


def _exists(verb: Verb) -> bool:
    return importlib.util.find_spec(verb.path.partition(":")[0]) is not None
