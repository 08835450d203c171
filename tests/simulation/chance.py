"""All chance in a schedule comes from here, so a seed tells the whole story."""

import asyncio
from random import Random


class Chance(Random):
    """Seeded luck."""

    def happens(self, probability: float) -> bool:
        return self.random() < probability

    async def a_while(self, longest: float = 1.0) -> None:
        """Let some time pass: often none at all, only some turns of the others."""
        if self.happens(0.5):
            for _ in range(self.randrange(6)):
                await asyncio.sleep(0)
        else:
            await asyncio.sleep(self.random() * longest)
