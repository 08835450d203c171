"""Names of fields as they may go out: an org's own tell what its people keep."""

from typing import Final

from app.replay.incident.disguise import Texts

_OURS: Final = "FreshBooks_"
_SUFFIXES: Final = ("__c", "__r", "__pc", "__pr")


class Fields:
    """Disguises the names of an org's own fields, not Salesforce's and ours."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    def __getitem__(self, true: str) -> str:
        name, mark, suffix = true.rpartition("__")
        if not mark or true.startswith(_OURS) or f"{mark}{suffix}" not in _SUFFIXES:
            return true
        return f"{self._texts[name]}{mark}{suffix}"
