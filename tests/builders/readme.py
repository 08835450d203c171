"""What the README shows, taken out of it as it stands."""

from pathlib import Path
from typing import Final

README: Final = Path(__file__).parents[2] / "README.md"


def snippets(section: str, language: str) -> list[str]:
    """Return the fenced blocks of a language in a section of the README, in their order."""
    _, _, rest = README.read_text("utf-8").partition(f"\n## {section}\n")
    text, _, _ = rest.partition("\n## ")
    blocks = text.split("```")[1::2]
    return [block.removeprefix(language + "\n") for block in blocks if block.startswith(language + "\n")]
