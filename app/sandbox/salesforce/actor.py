"""Who writes: the integration user through the API, or a person at the screen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A user of the org. `through_api`: field and object permissions of the integration user bind."""

    user_id: str
    through_api: bool
    allow_save: bool = False
    """Save although a duplicate rule alerts (`Sforce-Duplicate-Rule-Header: allowSave=true`)."""
