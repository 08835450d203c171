"""However far somebody came, with or without us: one run makes the org ready, the next does nothing."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.salesforce.setup.access import BOOK, STANDARD, parts
from app.salesforce.setup.fields import DECLARED
from app.sandbox.salesforce.profile import Profile
from app.sandbox.salesforce.schema import layer
from tests.builders.salesforce_org import joined_org
from tests.builders.setting_up import applied, writes

STANDARD_FIELDS = [f"Opportunity.{name}" for name in BOOK] + [
    f"{sobject.value}.{part}" for sobject, names in STANDARD.items() for name in names for part in parts(name)
]


@st.composite
def orgs(draw: st.DrawFn) -> Profile:
    """An org with some of our fields, some of them hidden, some only readable."""
    names = [field.full_name for field in DECLARED]
    there = draw(st.sets(st.sampled_from(names)))
    candidates = sorted(there) + STANDARD_FIELDS
    hidden = draw(st.sets(st.sampled_from(candidates), max_size=6))
    read_only = draw(st.sets(st.sampled_from(candidates), max_size=6)) - hidden
    return Profile(
        added=_declared(there),
        hidden=frozenset(hidden),
        read_only=frozenset(read_only),
        minimum_access=draw(st.booleans()),
    )


def _declared(full_names: set[str]) -> dict[str, Any]:
    prepared = layer("prepared") | layer("prepared_lines")
    return {
        sobject: {
            "fields": {
                name: line for name, line in said["fields"].items() if f"{sobject}.{name}" in full_names
            }
        }
        for sobject, said in prepared.items()
    }


@given(orgs())
@settings(max_examples=25, deadline=None)
def test_one_run_makes_any_org_ready_and_the_next_writes_nothing(profile: Profile) -> None:
    async def twice() -> tuple[list[str], int]:
        async with joined_org(profile) as here:
            left = [item.what for item in await applied(here, lines=True) if not item.well]
            before = writes(here)
            left += [item.what for item in await applied(here, lines=True) if not item.well]
            return left, writes(here) - before

    assert asyncio.run(twice()) == ([], 0)
