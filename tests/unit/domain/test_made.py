"""A value made of checked parts is the value that pydantic would have made of them."""

import pytest

from streams.codec import decode, encode
from streams.domain.audit import AuditEntry, Step, Verdict, audit_id
from streams.domain.command import Command
from streams.domain.identity import ConnectionName
from streams.domain.made import made
from streams.domain.message import Value
from tests.builders.commands import a_command

ENTRY = AuditEntry(
    id=audit_id(Step.TRANSLATE, Verdict.TRANSLATED, "cause"),
    connection=ConnectionName("acme"),
    step=Step.TRANSLATE,
    verdict=Verdict.TRANSLATED,
    cause="cause",
    details={},
)


@pytest.mark.parametrize("checked", [a_command(), ENTRY], ids=lambda value: value.kind)
def test_it_equals_the_checked_one_to_the_byte(checked: Value) -> None:
    parts = {name: getattr(checked, name) for name in checked.model_fields_set}

    value = made(type(checked), **parts)

    assert value == checked
    assert encode(value) == encode(checked)
    assert value.model_fields_set == checked.model_fields_set
    assert decode(type(checked), encode(value)) == checked


def test_it_can_be_copied_like_any_other() -> None:
    command = a_command()
    value = made(Command, **{name: getattr(command, name) for name in command.model_fields_set})

    assert value.model_copy(update={"version": 9}).version == 9


def test_it_is_as_frozen_as_any_other() -> None:
    value = made(AuditEntry, **{name: getattr(ENTRY, name) for name in ENTRY.model_fields_set})

    with pytest.raises(ValueError, match="frozen"):
        value.rule = "changed"  # type: ignore[misc]
