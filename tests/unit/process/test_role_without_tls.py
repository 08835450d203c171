"""A role that may talk to the vendors without TLS is loud about it, each time that it starts."""

import asyncio
from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from app.process import role
from app.settings import Settings


@pytest.mark.parametrize(("allowed", "warnings"), [(True, 1), (False, 0)])
def test_a_role_warns_at_its_start_when_tls_is_not_asked_of_the_vendors(
    monkeypatch: pytest.MonkeyPatch, *, allowed: bool, warnings: int
) -> None:
    async def clean(_settings: Settings, _name: str) -> int:
        await asyncio.sleep(0)
        return 0

    monkeypatch.setattr(role, "load", lambda: Settings(allow_http_vendors=allowed))
    monkeypatch.setattr("importlib.import_module", lambda _path: SimpleNamespace(main=clean))

    with capture_logs() as lines:
        assert role.run("ingress", "one") == 0

    loud = [line for line in lines if line["event"] == "vendors.without_tls"]
    assert [line["log_level"] for line in loud] == ["warning"] * warnings
    assert all("FRESHFORCE_ALLOW_HTTP_VENDORS" in line["setting"] and line["mend"] for line in loud)
