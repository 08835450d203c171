"""A delivery on its way through a pump."""

import asyncio
from dataclasses import dataclass
from typing import Any

from streams.domain.message import Value
from streams.loop.burial import BURIABLE
from streams.loop.contract import Delivery, Done


@dataclass(eq=False, slots=True)
class Opened:
    """A delivery that is not done: not concluded, or its conclusion is not durable yet."""

    delivery: Delivery
    weight: int
    """Bytes of its value."""
    done: Done
    since: float = 0.0
    """When it was put into its line."""
    finished: bool = False
    """Kafka may have it for done: all that it caused is durable, or a row of those aside stands for it."""
    message: Value | None = None
    question: "asyncio.Future[Any] | None" = None
    answer: Any = None
    error: BaseException | None = None

    @property
    def offset(self) -> int:
        """Where it stands in its partition."""
        return self.delivery.place.offset

    @property
    def connection(self) -> bytes:
        """Whose it is; those whose key tells nothing belong together."""
        name, colon, _ = (self.delivery.key or b"").partition(b":")
        return name if colon else b""

    def hear(self, question: "asyncio.Future[Any]") -> None:
        """Take the answer to `question`, which is here. A refusal is kept to be told in its turn.

        Raises:
            RuntimeError: the adapter cancelled its own question; the message must not be lost for that.
        """
        try:
            self.answer = question.result()
        except BURIABLE as error:
            self.error = error
        except asyncio.CancelledError:
            message = "a question was cancelled by its adapter"
            raise RuntimeError(message) from None

    def forget(self) -> None:
        """Give the question up."""
        if self.question is not None and not self.question.cancel() and not self.question.cancelled():
            self.question.exception()  # seen: asyncio need not warn of it
