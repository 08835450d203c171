"""A scenario as data: steps on named groups of objects, in counts per hundred invoices."""

import tomllib
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SUFFIX = ".toml"


class UnknownScenario(LookupError):
    """No scenario has this name."""


class _Step(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Making(_Step):
    """A step that makes objects and gives the group a name."""

    name: Annotated[str, Field(alias="as")] = ""
    per_hundred: Annotated[float, Field(gt=0)] = 100.0
    """How many, for each hundred of the scenario's size; at least one."""


class _Touching(_Step):
    """A step that does something to a part of a group."""

    of: str
    share: Annotated[float, Field(gt=0, le=1)] = 1.0


class OpenClients(_Making):
    """New clients appear."""

    do: Literal["open-clients"]


class WriteInvoices(_Making):
    """Invoices are written for clients of a group; `due_days` may be negative: overdue at once."""

    do: Literal["write-invoices"]
    of: str
    due_days: int = 30


class SendInvoices(_Touching):
    """Drafts are marked as sent, or e-mailed."""

    do: Literal["send-invoices"]
    by_email: bool = False


class Pay(_Touching):
    """A part of each invoice's amount is paid (over 1: too much); the payments become a group."""

    do: Literal["pay"]
    name: Annotated[str, Field(alias="as")] = ""
    part: Annotated[float, Field(gt=0)] = 1.0


class Remove(_Touching):
    """Objects are deleted; a deleted payment is a refund."""

    do: Literal["delete", "refund"]


class Archive(_Touching):
    """Objects are archived: still listed."""

    do: Literal["archive"]


class Restore(_Touching):
    """Archived or deleted objects come back."""

    do: Literal["restore"]


class Rename(_Touching):
    """Clients change name and address."""

    do: Literal["rename-clients"]


class Reprice(_Touching):
    """Invoices get other lines."""

    do: Literal["rewrite-lines"]


class Webhooks(_Step):
    """The way of the webhooks changes: chance of duplicates, disorder, loss."""

    do: Literal["webhooks"]
    knobs: dict[str, Any]


class LetTimePass(_Step):
    """The clock moves."""

    do: Literal["let-time-pass"]
    hours: float


class Settle(_Step):
    """Everybody waits until all webhooks are delivered."""

    do: Literal["wait-for-webhooks"]


class LoseAccounts(_Touching):
    """Somebody deletes the Accounts of these clients in Salesforce."""

    do: Literal["lose-accounts"]


Single = Annotated[
    OpenClients
    | WriteInvoices
    | SendInvoices
    | Pay
    | Remove
    | Archive
    | Restore
    | Rename
    | Reprice
    | Webhooks
    | LetTimePass
    | Settle
    | LoseAccounts,
    Field(discriminator="do"),
]


class Together(_Step):
    """Steps that happen at the same time: their acts are mixed."""

    do: Literal["together"]
    steps: tuple[Single, ...]


Step = Annotated[Single | Together, Field(union_mode="left_to_right")]


class Story(BaseModel):
    """A scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    tells: str
    steps: Annotated[tuple[Step, ...], Field(alias="step")]


def story_names() -> list[str]:
    """Return the names of the scenarios that come with the sandbox."""
    folder = files("app.sandbox.scenarios")
    return sorted(
        entry.name.removesuffix(SUFFIX) for entry in folder.iterdir() if entry.name.endswith(SUFFIX)
    )


def load_story(name: str) -> Story:
    """Read a scenario. Raises: UnknownScenario, which names those there are."""
    if name not in story_names():
        message = f"no scenario {name!r}; there are {', '.join(story_names())}"
        raise UnknownScenario(message)
    text = files("app.sandbox.scenarios").joinpath(name + SUFFIX).read_text(encoding="utf-8")
    return Story.model_validate(tomllib.loads(text))
