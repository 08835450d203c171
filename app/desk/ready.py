"""Whether the pages can show and do what they offer, check by check."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from app.desk.desk import Desk
from app.vitals import Check, checked, kafka
from streams.domain.errors import FreshforceError

_DATABASE: Final = (
    "see FRESHFORCE_DATABASE_URL, and that the role view runs; what needs no figures works meanwhile"
)


def readiness(*, answers: bool, database: bool) -> Mapping[str, Any]:
    """Return the desk's report with its checks."""
    says = "answers" if database else "does not answer"
    return checked({}, kafka(answers), Check("database", database, says, _DATABASE, needed=False))


@dataclass(frozen=True, slots=True)
class Database:
    """The view's database, asked as Kafka is."""

    desk: Desk

    async def caught_up(self) -> None:
        """Return when it has answered.

        Raises:
            TimeoutError: it did not.
        """
        try:
            await (await self.desk.store()).positions()
        except (FreshforceError, SQLAlchemyError, OSError) as away:
            raise TimeoutError from away
