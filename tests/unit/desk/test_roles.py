"""What the roles say of themselves, as the dashboard reads it."""

from pathlib import Path

import orjson

from app.desk.dashboard.roles import roles, told
from app.process.health import note_of


def test_a_worker_tells_its_lag_by_topic_and_who_is_aside() -> None:
    aside = [{"step": "fetch", "connection": "acme"}, {"step": "deliver", "connection": "acme"}]

    role = told("worker", {"ready": True, "lag": {"freshforce.events": 7}, "aside": aside})

    assert (role.ready, dict(role.lag), role.aside) == (True, {"freshforce.events": 7}, ("acme",))


def test_the_view_tells_one_number_of_the_audit_topic() -> None:
    assert dict(told("view", {"ready": True, "lag": 3}).lag) == {"freshforce.audit": 3}
    assert dict(told("view", {"ready": True, "lag": 0}).lag) == {}


def test_a_role_that_reports_no_lag_waits_for_nothing() -> None:
    role = told("desk", {"ready": False})

    assert (role.ready, role.says, dict(role.lag)) == (False, "not ready yet", {})


async def test_a_role_that_left_a_note_and_does_not_answer_is_told_as_such(tmp_path: Path) -> None:
    note = note_of("worker", tmp_path)
    note.parent.mkdir()
    note.write_bytes(orjson.dumps({"name": "worker", "pid": 1, "port": 9}))

    (role,) = await roles(tmp_path)

    assert (role.ready, role.says) == (False, "does not run, or does not answer")


async def test_where_no_role_has_run_there_is_none(tmp_path: Path) -> None:
    assert await roles(tmp_path) == []
