from app.cli.webhooks import doubt
from streams.domain.errors import Unreachable


def test_who_removed_callbacks_hears_what_is_not_known_of_them_and_how_to_look_again() -> None:
    said = doubt("acme", Unreachable("FreshBooks", "time-out"))

    assert "not known: whether somebody registered them again" in said
    assert "freshforce webhooks remove acme --apply" in said
