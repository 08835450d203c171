"""What a list says of an object, whatever its kind: enough to tell whether it changed."""

from pydantic import AliasChoices, Field

from app.freshbooks.wire.fields import Identifier, Text, Wire


class WireListed(Wire):
    """The part of a listed object that the poller needs; the rest is read, and judged, one by one.

    An object that we cannot read must not hide the others of its list.
    """

    id: Identifier = Field(validation_alias=AliasChoices("id", "logid", "userid", "invoiceid"))
    updated: Text = ""
    version: Text = ""
    """Finer than `updated`, where there is one."""
    vis_state: Text = ""

    @property
    def stamp(self) -> str:
        """A text that changes whenever the object does."""
        return f"{self.version or self.updated} {self.vis_state}"
