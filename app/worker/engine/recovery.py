"""Faust's recovery: it finds nothing to recover, and tells when messages may flow again."""

from typing import Any

from faust.tables import recovery as stock

from app.worker.watch import Standstill


class Recovery(stock.Recovery):  # type: ignore[misc]  # Faust is untyped
    """Ends the process when Kafka does not answer in time; the stock one ends itself, for good."""

    async def _wait(self, coro: Any, timeout: Any = None) -> None:  # noqa: ASYNC109  # Faust's own signature
        try:
            await super()._wait(coro, timeout)
        except stock.ServiceStopped:
            if not self.should_stop:
                self.app.die(
                    Standstill(
                        f"Kafka did not answer within {timeout:.0f} s while partitions were taken over"
                    )
                )
            raise
