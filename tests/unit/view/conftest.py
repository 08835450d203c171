"""The view's database: empty, or after a morning."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.view.store import Store
from tests.builders.told import a_morning


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A view that has read nothing yet."""
    found = await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'view.sqlite'}")
    yield found
    await found.close()


@pytest.fixture
async def morning(store: Store) -> Store:
    """A view that has read `tests.builders.told.a_morning`, which began at noon."""
    await store.add(a_morning(datetime(2026, 11, 28, 12, tzinfo=UTC)), {0: 6})
    return store
