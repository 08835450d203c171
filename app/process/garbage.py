"""How seldom a role looks for garbage in cycles: what is under way is thousands of objects, and none is."""

import gc
from typing import Final

NEW: Final = 50_000
"""Objects until the collector looks among new ones; by default 700, which a hundred waiting requests or
rows hold: a twelfth to a seventh of the processor went into looking at them."""


def look_seldom() -> None:
    """Look for garbage seldom, never at what is there now; called once a role has been put together."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW, 20, 50)
