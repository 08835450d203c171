"""Acts: what a user of FreshBooks does, as data; how tests and scenarios move the books."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.sandbox.freshbooks.books import Books
from app.sandbox.freshbooks.nouns import Noun


class _Act(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    noun: Noun


class Create(_Act):
    """Make a new object."""

    do: Literal["create"] = "create"
    body: dict[str, Any]


class Change(_Act):
    """Change an object, as a PUT with this body does."""

    do: Literal["change"] = "change"
    id: int
    body: dict[str, Any]


class Remove(_Act):
    """Delete an object softly."""

    do: Literal["remove"] = "remove"
    id: int


class Tell(_Act):
    """Send an event again although nothing changed."""

    do: Literal["tell"] = "tell"
    id: int
    verb: str = "update"


Act = Annotated[Create | Change | Remove | Tell, Field(discriminator="do")]


def perform(books: Books, act: Create | Change | Remove | Tell) -> int:
    """Do `act` and return the id of its object. Raises: Refusal as the API would."""
    match act:
        case Create():
            return int(books.create(act.noun, act.body).id)
        case Change():
            return int(books.change(act.noun, act.id, act.body).id)
        case Remove():
            return int(books.remove(act.noun, act.id).id)
        case Tell():
            books.tell(act.noun, act.verb, act.id)
            return act.id
