"""What LIKE means: `%` for any text, `_` for one character, case aside."""

import re


def meets(text: str, pattern: str) -> bool:
    wanted = "".join({"%": ".*", "_": "."}.get(char, re.escape(char)) for char in pattern)
    return re.fullmatch(wanted, text, re.IGNORECASE | re.DOTALL) is not None
