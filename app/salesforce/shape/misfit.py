"""A row that the org has no room for."""


class Misfit(ValueError):
    """A value that the org's field cannot take: Salesforce's own code for it, the field, what it takes."""

    def __init__(self, code: str, field: str, takes: str) -> None:
        super().__init__(f"{code} {field}")
        self.code = code
        self.field = field
        self.takes = takes
