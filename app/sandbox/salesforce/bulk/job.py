"""A job of the Bulk API: what was asked, how far it is, what became of its rows."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic import Field as Setting

from app.sandbox.salesforce.checks import MOMENT
from app.sandbox.salesforce.refusal import Json

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
KEPT = timedelta(days=7)
"""How long a job and its results are kept."""


class State(StrEnum):
    """How far a job is. After UploadComplete the org goes on by itself."""

    OPEN = "Open"
    UPLOAD_COMPLETE = "UploadComplete"
    IN_PROGRESS = "InProgress"
    JOB_COMPLETE = "JobComplete"
    FAILED = "Failed"
    ABORTED = "Aborted"


ENDED = frozenset({State.JOB_COMPLETE, State.FAILED, State.ABORTED})


class Order(BaseModel):
    """What a job is to do, in the words of the API."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: str
    operation: Literal["insert", "update", "upsert", "delete"]
    external_id_field: str = Setting("", alias="externalIdFieldName")
    content_type: Literal["CSV"] = Setting("CSV", alias="contentType")
    line_ending: Literal["LF", "CRLF"] = Setting("LF", alias="lineEnding")
    delimiter: Literal["BACKQUOTE", "CARET", "COMMA", "PIPE", "SEMICOLON", "TAB"] = Setting(
        "COMMA", alias="columnDelimiter"
    )


@dataclass(slots=True)
class Job:
    """One job; `done` and `failed` hold the first two columns of a result with the row as it was sent."""

    id: str
    order: Order
    by: str
    version: str
    made_at: datetime
    state: State = State.OPEN
    filled: bool = False
    closed_at: datetime | None = None
    header: tuple[str, ...] = ()
    rows: list[tuple[str, ...]] = field(default_factory=list)
    """What was sent and is not worked off."""
    done: list[tuple[str, ...]] = field(default_factory=list)
    failed: list[tuple[str, ...]] = field(default_factory=list)
    error: str = ""
    """Why no row of it can be worked off."""

    def shown(self) -> Json:
        """Return the job as the API tells of it."""
        number = self.version.removeprefix("v")
        said: Json = {
            "id": self.id, "createdById": self.by, "createdDate": self.made_at.strftime(MOMENT),
            "systemModstamp": (self.closed_at or self.made_at).strftime(MOMENT), "state": self.state.value,
            "concurrencyMode": "Parallel", "apiVersion": float(number), "jobType": "V2Ingest",
            "contentUrl": f"services/data/{number}/jobs/ingest/{self.id}/batches",
            "numberRecordsProcessed": len(self.done) + len(self.failed),
            "numberRecordsFailed": len(self.failed),
            "retries": 0, "totalProcessingTime": 0, "apiActiveProcessingTime": 0, "apexProcessingTime": 0,
        }  # fmt: skip
        said |= {name: value for name, value in self.order.model_dump(by_alias=True).items() if value}
        return said | ({"errorMessage": self.error} if self.state is State.FAILED else {})
