"""The sheet, the script and the mark: a browser keeps each until its content changes, and then asks anew.

A page that asks for its sheet at every step stands bare whenever that one answer is late.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "static"
KEPT: Final = "private, max-age=31536000, immutable"


@cache
def addresses() -> Mapping[str, str]:
    """Return where each file is, by name; the address tells the content, too."""
    return {
        file.name: f"/static/{file.name}?{sha256(file.read_bytes()).hexdigest()[:16]}"
        for file in FOLDER.iterdir()
    }


def how_long(path_and_query: str) -> str:
    """Return how long a browser may keep what is answered there: a page is never kept."""
    return KEPT if path_and_query in addresses().values() else "no-store"
