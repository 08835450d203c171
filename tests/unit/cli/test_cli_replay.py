"""What `freshforce replay preview` refuses before it asks Kafka."""

import pytest

from app.cli.replay_preview import text_of
from app.replay.positions import BadPosition


def test_offsets_that_are_neither_pairs_nor_a_file_are_refused_as_such() -> None:
    with pytest.raises(BadPosition, match="'abc' is neither PARTITION:OFFSET,… nor a file"):
        text_of("abc")
