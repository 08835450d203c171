"""Every command that the README names is there, with the arguments and options that it names."""

import re
import shlex

import click
import pytest

from app.cli import freshforce
from tests.builders.readme import commands

_MADE_UP = {"…": "1", "ID…": "aaaaaa", "ID": "aaaaaa", "N": "1", "MOMENT": "2026-10-01", "DATE": "2026-10-01"}
_PLAIN = re.compile(r"\s(?:\[[^]]*]|&|>.*|\|.*|&&.*|;.*)")


def resolved(line: str) -> None:
    """Parse a command as click does, without running it.

    Raises:
        UsageError: there is no such command, argument or option.
    """
    words = [_MADE_UP.get(word, word) for word in shlex.split(_PLAIN.sub(" ", f"{line} "))[1:]]
    context = freshforce.make_context("freshforce", list(words), resilient_parsing=True)
    command: click.Command = freshforce
    while isinstance(command, click.Group) and words:
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
        context = click.Context(command, parent=context, info_name=name)
    if isinstance(command, click.Group):
        return
    known = {option for it in command.params for option in (*it.opts, *it.secondary_opts)}
    strange = [word.partition("=")[0] for word in words if word.startswith("--")]
    assert {*strange} <= known | {"--help"}, line


@pytest.mark.parametrize("line", sorted({*commands()}))
def test_a_command_of_the_readme_is_one_that_there_is(line: str) -> None:
    resolved(line)


@pytest.mark.parametrize("line", ["freshforce fly acme", "freshforce reconcile acme --tomorrow"])
def test_a_command_that_is_none_would_be_seen(line: str) -> None:
    with pytest.raises((click.UsageError, AssertionError)):
        resolved(line)
