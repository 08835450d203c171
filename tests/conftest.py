"""What every test starts from."""

import pytest


@pytest.fixture(autouse=True)
def nobodys_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have a narrow screen: a test that means one says so itself."""
    monkeypatch.delenv("COLUMNS", raising=False)
