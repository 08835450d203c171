"""The fields we ask for are the fields we write."""

import re
from pathlib import Path

import streams.mapping
from app.salesforce.ours import FIELDS, KEYS
from streams.mapping.row import LINE_KEY, LINK, PRODUCT_KEY


def test_every_custom_field_of_the_mapping_is_asked_for_but_those_of_lines_and_no_other() -> None:
    folder = Path(streams.mapping.__file__).parent
    sources = (*folder.glob("*.py"), folder / "default.toml")
    written = {
        name for file in sources for name in re.findall(r"\bFreshBooks_\w+__c\b", file.read_text("utf-8"))
    }

    asked = {*KEYS.values(), *(name for names in FIELDS.values() for name in names)}
    assert written == asked | {LINK, LINE_KEY, PRODUCT_KEY}
