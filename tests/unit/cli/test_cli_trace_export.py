"""An exported incident writes over no test that somebody has worked on."""

from pathlib import Path

import pytest

from app.cli.trace_export import FileThere, export_test


async def test_a_file_that_is_there_is_left_alone_and_the_mend_is_named(tmp_path: Path) -> None:
    file = tmp_path / "test_incident.py"
    file.write_text("mended by hand")

    with pytest.raises(FileThere, match="is there already; nothing was written") as refused:
        await export_test("acme", "invoice", 123, file, force=False, as_json=False)

    assert "--force" in refused.value.mend
    assert file.read_text() == "mended by hand"
