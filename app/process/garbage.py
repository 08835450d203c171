"""How seldom a role looks for garbage in cycles: what is under way is thousands of objects, and none is."""

import gc
from typing import Final

NEW: Final = 50_000
"""Objects until the collector looks among new ones; by default 700, which a hundred waiting requests or
rows hold: a twelfth to a seventh of the processor went into looking at them."""


def look_seldom() -> None:
    """Look for garbage seldom, and never at what lives as long as the process; called once that is there."""
    gc.freeze()
    gc.set_threshold(NEW, 20, 50)
