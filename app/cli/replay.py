"""`freshforce replay`: what a rewind of the log would do, the rewind, and the proof."""

import click

from app.cli.replay_apply import apply, list_, pause, resume, stop
from app.cli.replay_copy import copy
from app.cli.replay_preview import preview
from app.cli.replay_verify import verify


class Replays(click.Group):
    """The ways to replay; whoever names only the goal is led to the one that takes it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the words, or say how a history is replayed to another org."""
        if args[:1] != ["copy"] and any(word.partition("=")[0] == "--to" for word in args):
            message = "another org gets the same history by: freshforce replay copy NAME --to NAME2"
            raise click.UsageError(message, ctx)
        return super().parse_args(ctx, args)


@click.group(cls=Replays)
def replay() -> None:
    """Replay the log: see beforehand what it would change, do it, prove that nothing differs.

    All that FreshBooks ever said is kept in `freshforce.records`, and what Salesforce should hold is derived
    from it alone. So a replay derives it once more, with today's mapping: rows whose content is the same cost
    no call, only differences reach Salesforce. The same history goes to another org, such as a sandbox, by
    `freshforce replay copy NAME --to NAME2`.

    Example: freshforce replay preview acme --since 2026-10-01; freshforce replay apply PLAN --apply;
    freshforce replay verify acme
    """


for each in (preview, apply, pause, resume, stop, list_, verify, copy):
    replay.add_command(each)
