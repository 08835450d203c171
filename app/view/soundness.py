"""What is wrong with the view's database: named, and a damaged SQLite file is put aside.

The topic is the truth: the view is read from it anew.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

LOCKED: Final = 0.5
"""Seconds to wait for a file that another process writes."""

_log = structlog.get_logger(__name__)


def put_aside_damaged(database: str) -> Path | None:
    """Return where the file of the SQLAlchemy URL `database` was put; None when it is sound, or no file.

    Nothing damaged is ever served. Reads the whole file once: a few seconds for a million entries.
    """
    url = make_url(database)
    if url.get_backend_name() != "sqlite" or not url.database or not Path(url.database).is_file():
        return None
    file = Path(url.database)
    if _is_sound(file):
        return None
    aside = file.with_name(f"{file.name}.damaged")
    file.replace(aside)
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    _log.error("view.damaged", kept=str(aside), mend="nothing to do: the view is read again from the topic")
    return aside


def complaint(error: DBAPIError) -> str:
    """Return the database's own name for what went wrong (SQLITE_FULL); its text may quote rows."""
    return str(getattr(error.orig, "sqlite_errorname", None) or type(error.orig).__name__)


def _is_sound(file: Path) -> bool:
    """Tell whether SQLite finds nothing wrong; a file that it cannot look at now is not called damaged."""
    try:
        with closing(sqlite3.connect(file, timeout=LOCKED)) as database:
            return bool(database.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except sqlite3.OperationalError:
        return True
    except sqlite3.DatabaseError:
        return False
