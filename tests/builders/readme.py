"""What the README shows, taken out of it as it stands; its commands run in a shell, so that it cannot lie."""

import asyncio
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

README: Final = Path(__file__).parents[2] / "README.md"


class Said(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str


def snippets(section: str, language: str) -> list[str]:
    """Return the fenced blocks of a language in a section of the README, in their order."""
    _, _, rest = README.read_text("utf-8").partition(f"\n## {section}\n")
    text, _, _ = rest.partition("\n## ")
    blocks = text.split("```")[1::2]
    return [block.removeprefix(language + "\n") for block in blocks if block.startswith(language + "\n")]


def walk(section: str, nth: int = 0) -> list[str]:
    """Return the commands of the first, or another, shell block of a section, without the remarks behind."""
    lines = map(_bare, snippets(section, "sh")[nth].splitlines())
    return [line for line in lines if line]


def commands() -> list[str]:
    """Return every command of ours that the README names, in blocks and within the text."""
    text = README.read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    inline = re.findall(r"`(freshforce [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    lines = [_bare(line) for block in blocks for line in block.splitlines()]
    return [line for line in (*lines, *inline) if line.startswith("freshforce ")]


def _bare(line: str) -> str:
    return re.sub(r"\s+#.*", "", line).strip()


@dataclass
class Shell:
    """A shell in which `freshforce` is what this checkout has."""

    home: Path
    environment: Mapping[str, str]

    async def run(self, line: str) -> Said:
        """Run a line as it stands."""
        path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
        process = await asyncio.create_subprocess_exec(
            *("/bin/bash", "-c", line),
            cwd=self.home,
            env=dict(self.environment) | {"PATH": path, "COLUMNS": "200"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Said(process.returncode or 0, out.decode(), err.decode())
