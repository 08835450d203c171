"""A fake of the intake: keeps values in a list, or is away, or lets the test decide when."""

import asyncio
from dataclasses import dataclass, field

from streams.domain.message import Value


@dataclass(slots=True)
class FakeKeep:
    kept: list[Value] = field(default_factory=list)
    away: bool = False
    slow: bool = False
    waiting: list["asyncio.Future[bool]"] = field(default_factory=list)

    def put(self, value: Value) -> "asyncio.Future[bool]":
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        if self.slow:
            self.waiting.append(answer)
            return answer
        if not self.away:
            self.kept.append(value)
        answer.set_result(not self.away)
        return answer
