import asyncio
import os
from collections.abc import Iterator
from typing import TextIO

import pytest

from app.cli.typed import Typed


class Keyboard:
    """What a person types, line by line, when the test says so."""

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self.stdin: TextIO = open(reading, encoding="utf-8")  # noqa: SIM115, PTH123 - closed below

    def types(self, text: str) -> None:
        os.write(self._writing, text.encode())

    def leaves(self) -> None:
        os.close(self._writing)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Keyboard]:
    found = Keyboard()
    monkeypatch.setattr("sys.stdin", found.stdin)
    yield found
    found.stdin.close()


async def test_a_line_waited_for_in_vain_answers_the_next_question(keyboard: Keyboard) -> None:
    typed = Typed()
    first = asyncio.create_task(typed.answer("paste: "))
    await asyncio.sleep(0.01)
    first.cancel()

    second = asyncio.create_task(typed.answer("which: "))
    await asyncio.sleep(0.01)
    keyboard.types(" 2 \n")

    assert await second == "2"


async def test_where_nobody_types_there_is_no_answer(keyboard: Keyboard) -> None:
    keyboard.leaves()

    assert await Typed().answer("paste: ") is None
