"""The README's dead-letter and replay walks, their commands as they stand there, on embedded Kafka."""

import re
import shlex
from pathlib import Path

import orjson
import pytest

from app.sandbox.freshbooks.acts import Create
from app.sandbox.freshbooks.nouns import Noun
from app.sandbox.salesforce.rules import Rules, ValidationRule
from tests.builders.mappings import a_mapping
from tests.builders.readme import Said, walk
from tests.builders.running_shop import RunningShop, running_shop

ROLES = "worker,view"
CODE = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
STRICT = Rules(
    validation=(ValidationRule(sobject="Account", refuse_when="Name LIKE '%refused'", message="No."),)
)


async def a_client(shop: RunningShop, name: str) -> int:
    """Make a client, and carry it over."""
    (made,) = await shop.books.control.act([Create(noun=Noun.CLIENT, body={"organization": name})])
    said = await shop.shell.run("freshforce backfill acme")
    assert said.code == 0, said.err
    await shop.settled()
    return made


def names(shop: RunningShop) -> list[str]:
    return sorted(str(row["Name"]) for row in shop.org.control.people.rows("Account"))


async def the_letter(shop: RunningShop) -> str:
    """Return the id of the one open dead letter."""
    (group,) = orjson.loads((await shop.shell.run("freshforce deadletters list --json")).out)
    (letter,) = group["ids"]
    return str(letter)


async def run(shop: RunningShop, line: str, letter: str = "") -> Said:
    """Run a line of the README with the ids and the code of this day."""
    meant = line.replace(" ID", f" {letter}").replace(" CODE", f" {CODE}")
    said = await shop.shell.run(meant)
    await shop.settled()
    return said


@pytest.mark.timeout(400)
async def test_the_readme_s_dead_letter_walk_looks_edits_retries_and_discards(tmp_path: Path) -> None:
    look, show, edit, retry, discard = walk("When a message fails")
    async with running_shop(tmp_path, ROLES) as shop:
        shop.org.control.rules(STRICT)
        said = await run(shop, look)
        assert (said.code, said.out) == (0, "no dead letters\n")

        await a_client(shop, "Ferry refused")
        said = await run(shop, look)
        assert (said.code, CODE in said.out, "freshforce deadletters show ID" in said.out) == (1, True, True)
        letter = await the_letter(shop)
        said = await run(shop, show, letter)
        assert (said.code, "freshforce.commands/" in said.out, "Ferry" in said.out) == (0, True, False)
        said = await run(shop, edit, letter)
        assert (said.code, said.out.splitlines()[-1]) == (0, "1 sent anew"), said.out + said.err
        assert names(shop) == ["Ferry Ltd"]

        await a_client(shop, "Maple refused")
        shop.org.control.rules(Rules())
        said = await run(shop, retry)
        assert (said.code, said.out.splitlines()[-1]) == (0, "1 put back"), said.out + said.err
        assert names(shop) == ["Ferry Ltd", "Maple refused"]

        shop.org.control.rules(STRICT)
        await a_client(shop, "Test refused")
        said = await run(shop, discard, await the_letter(shop))
        assert (said.code, said.out.splitlines()[-1]) == (0, "1 discarded"), said.out + said.err
        assert (await run(shop, look)).code == 0
        assert names(shop) == ["Ferry Ltd", "Maple refused"]


@pytest.mark.timeout(400)
async def test_the_readme_s_replay_walk_previews_applies_and_proves(tmp_path: Path) -> None:
    preview, less, apply, pause, verify = walk("Replay")
    async with running_shop(tmp_path, ROLES) as shop:
        client = await a_client(shop, "Maple & Sons")
        said = await shop.shell.run(preview)
        assert said.code == 0, said.out + said.err

        file = tmp_path / "mapping.toml"
        file.write_text(a_mapping(account='Type = { literal = "Customer" }'), "utf-8")
        assert (await shop.shell.run(f"freshforce mapping set acme {shlex.quote(str(file))}")).code == 0
        said = await shop.shell.run(preview)
        assert (said.code, "Type: " in said.out) == (1, True), said.out + said.err
        plan = re.findall(r"\b[0-9a-f]{12}\b", said.out)[-1]
        assert (await shop.shell.run(less)).code == 0

        said = await shop.shell.run(re.sub(r"\b[0-9a-f]{12}\b", plan, apply))
        assert said.code == 0, said.out + said.err
        assert {row.get("Type") for row in shop.org.control.people.rows("Account")} == {"Customer"}
        await shop.settled()
        said = await shop.shell.run(f"freshforce trace acme client {client} --json")
        once_more = [it["replay"] for it in orjson.loads(said.out) if it.get("replay", {}).get("record")]
        assert {(it["plan"], bool(it["by"]), bool(it["event"])) for it in once_more} == {(plan, True, True)}
        said = await shop.shell.run(re.sub(r"\b[0-9a-f]{12}\b", plan, pause))
        assert (said.code, "replay-over" in said.err) == (1, True), said.out + said.err
        said = await shop.shell.run(verify)
        assert (said.code, said.out.splitlines()[-1]) == (0, "nothing differs"), said.out + said.err
