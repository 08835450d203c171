import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.salesforce.ids import DIGITS, IdMint, long_id, normal_id


@pytest.mark.parametrize(
    "recorded", ["001xx0000004GxDAAU", "0037e00001WZ30qAAD", "0017e00001W4GYRAA3", "01gD0000002HU6KIAW"]
)
def test_the_suffix_is_the_one_that_real_orgs_gave(recorded: str) -> None:
    assert long_id(recorded[:15])[15:] == recorded[15:]


@given(st.text(DIGITS, min_size=15, max_size=15))
def test_a_long_id_survives_tools_that_fold_case(short: str) -> None:
    whole = long_id(short)

    assert normal_id(short) == whole
    assert normal_id(whole.lower()) == whole
    assert normal_id(whole.upper()) == whole


@pytest.mark.parametrize(
    "text", ["", "001", "001xx0000004Gx", "001xx0000004GxDA", "001xx0000004G-DAAU", "x" * 19]
)
def test_what_is_no_id_has_no_normal_form(text: str) -> None:
    assert normal_id(text) is None


def test_ids_of_one_prefix_rise_and_never_repeat() -> None:
    mint = IdMint()

    ids = [mint.new("001") for _ in range(5000)]

    assert len(set(ids)) == 5000
    assert all(each.startswith("001") and len(each) == 18 and normal_id(each) == each for each in ids)
