"""`freshforce run` as a person types it."""

import pytest
from click.testing import CliRunner

from app.cli.run import children, run
from app.process.role import ROLES, present


def test_several_workers_are_told_apart_and_other_roles_run_once() -> None:
    names = [kept.name for kept in children(["ingress", "worker"], workers=2)]

    assert names == ["ingress", "worker-1", "worker-2"]


def test_a_child_is_its_role_under_its_name() -> None:
    (only,) = children(["worker"], workers=1)

    assert only.command[1:] == ("-m", "app.process.role", "worker", "worker")


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ("butler", "there is no role 'butler'; the roles are ingress"),
        ("worker,cook", "there is no role 'cook'"),
        (",", "name at least one of ingress"),
    ],
)
def test_an_unknown_role_is_misuse_and_the_known_ones_are_named(roles: str, said: str) -> None:
    answer = CliRunner().invoke(run, ["--roles", roles])

    assert answer.exit_code == 2
    assert said in " ".join(answer.output.replace("│", " ").split())


def test_the_worker_is_there_and_roles_start_with_the_ingress() -> None:
    assert "worker" in present()
    assert next(iter(ROLES)) == "ingress"
