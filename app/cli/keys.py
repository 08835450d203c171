"""`freshforce keys`: the keys that encrypt the grants."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import click
import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from app.cli.clock import now
from app.connect.key_uses import key_uses
from app.registry import Registry, open_registry
from app.settings import Settings, load
from app.vault import keys as ring
from app.vault.rotation import rotate as sealed_anew
from app.vault.rotation import sealed_with_others
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import FreshforceError, Misconfigured, Transient, Unreachable

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


_IN_FRONT = (
    "put the new line in front there, a comma behind it, restart all roles, and only then move it to the end "
    "(freshforce keys rotate --help)"
)
_BY_HAND = (
    "once `freshforce keys list` says that nothing needs the old key, take it out there; restart all roles"
)


class KeyInUse(Misconfigured):
    """A key that something is still sealed with; without it that would be lost."""

    code = "key-in-use"


@click.group()
def keys() -> None:
    """Make, rotate, list and retire the keys that encrypt the grants.

    They live in FRESHFORCE_KEY_FILE (default: keys in the state folder), readable by its owner
    alone, or in FRESHFORCE_KEYS, which wins. Back them up: without them every connection must be
    consented again.

    A rotation: `freshforce keys rotate`, then `freshforce keys list`, then `keys retire OLD_ID`.
    With FRESHFORCE_KEYS it takes two restarts: see `freshforce keys rotate --help`.
    """


@keys.command()
@_JSON
def new(*, as_json: bool) -> None:
    """Make a key and let it encrypt from now on; the older ones still decrypt.

    Roles that run find it by themselves, where the keys are in the file. Where they are in FRESHFORCE_KEYS,
    the new line goes first in front there, and later to the end: see `freshforce keys rotate --help`.
    """
    settings = load()
    file = settings.key_file
    key = ring.add(file, os.urandom(ring.SIZE))
    click.echo(orjson.dumps({"id": key.id, "file": str(file)}) if as_json else f"key {key.id} made in {file}")
    asyncio.run(_made(settings, key.id))
    if settings.keys.get_secret_value():
        click.echo(f"FRESHFORCE_KEYS wins over {file}: {_IN_FRONT}", err=True)


@keys.command()
@click.option("--resume", is_flag=True, help="Make no new key: go on with the one that encrypts now.")
@click.option("--retire", is_flag=True, help="Take every other key out of the file when nothing needs it.")
@_JSON
def rotate(*, resume: bool, retire: bool, as_json: bool) -> None:
    """Make a new key and encrypt every grant with it, while all roles go on.

    Nobody waits and no call fails: a token that is renewed meanwhile is never written over. After a crash,
    `--resume` goes on where it stopped. The old key stays until it is retired.

    With FRESHFORCE_KEYS the last key encrypts, and a role needs a restart to learn of another. A role that
    lacks the key that another one encrypts with ends with 78, so every role must know it first:

    \b
    1. freshforce keys new: the last line of the file that it names is the key.
       Put that line in front of the others, a comma behind it, and restart
       all roles: now each of them decrypts with it.
    2. Move it to the end, and restart all roles: now it encrypts.
    3. freshforce keys rotate --resume, with the same FRESHFORCE_KEYS.
    4. freshforce keys list: once the old key is needed for 0, take it out,
       and restart all roles.

    Example: freshforce keys rotate --retire
    """  # noqa: D301 - \b is click's mark of a paragraph that stays as it is
    settings = load()
    if not resume:
        _refuse_given(settings, f"run `freshforce keys new`, then {_IN_FRONT}")
    if retire:
        _refuse_given(settings, _BY_HAND)
    if not resume:
        ring.add(settings.key_file, os.urandom(ring.SIZE))
    done, retired = asyncio.run(_rotated(settings, retire=retire))
    active = ring.load(settings.key_file, settings.keys.get_secret_value()).active.id
    if as_json:
        click.echo(orjson.dumps({"active": active, "resealed": done, "retired": retired}))
        return
    click.echo(f"{active} encrypts; {done} grants were encrypted anew")
    for key_id in retired:
        click.echo(f"{key_id} is retired")


@keys.command()
@click.argument("key_id")
@_JSON
def retire(key_id: str, *, as_json: bool) -> None:
    """Take the key KEY_ID out of the file, unless something still needs it.

    Example: freshforce keys retire 1f2e3d4c
    """
    settings = load()
    _refuse_given(settings, _BY_HAND)
    asyncio.run(_retired(settings, key_id))
    click.echo(orjson.dumps({"retired": key_id}) if as_json else f"{key_id} is retired")


@keys.command(name="list")
@_JSON
def list_keys(*, as_json: bool) -> None:
    """List the ids of the keys, never the keys, and how much each is needed for.

    Needed means: a live grant, or a verifier that waits for its keeper, is sealed with it.
    """
    settings = load()
    held = ring.load(settings.key_file, settings.keys.get_secret_value())
    uses = asyncio.run(_uses_if_known(settings))
    active = held.active.id
    if as_json:
        click.echo(orjson.dumps({"active": active, "keys": list(held.keys), "uses": uses}))
        return
    for key_id in held.keys:
        does = "encrypts" if key_id == active else "decrypts only"
        needed = "" if uses is None else f", needed for {uses[key_id]}"
        click.echo(f"{key_id}  {does}{needed}")
    for key_id, used in sorted((uses or Counter[str]()).items()):
        if key_id not in held.keys:
            click.echo(f"{key_id}  MISSING, needed for {used}")


async def _uses_if_known(settings: Settings) -> Counter[str] | None:
    """Return the uses; None where there is no Kafka to tell, as on a new installation."""
    try:
        async with open_registry(settings, now, os.urandom) as registry:
            return await key_uses(settings, registry)
    except FreshforceError as unknown:
        click.echo(f"what needs them is not known: {unknown}", err=True)
        return None


async def _rotated(settings: Settings, *, retire: bool) -> tuple[int, list[str]]:
    async with (
        open_registry(settings, now, os.urandom) as registry,
        _refusals_said(registry, "not all grants were encrypted anew"),
    ):
        done = await _with_progress(registry)
        keyring = registry.grants.sealer.keys
        old = [key_id for key_id in keyring.keys if key_id != keyring.active.id]
        await _note(registry, f"grants were encrypted anew with the key {keyring.active.id}")
    if not retire:
        return done, []
    for key_id in old:
        await _retired(settings, key_id)
    return done, old


async def _with_progress(registry: Registry) -> int:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    done = 0
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("encrypting grants", total=len(sealed_with_others(registry.grants)))
        async for _ in sealed_anew(registry.grants):
            done += 1
            bar.advance(task)
    return done


async def _retired(settings: Settings, key_id: str) -> None:
    async with (
        open_registry(settings, now, os.urandom) as registry,
        _refusals_said(registry, f"the key {key_id} was not retired"),
    ):
        await _refuse_used(settings, registry, key_id)
        key = ring.drop(settings.key_file, key_id)
        try:  # somebody who read the file before the rotation may have sealed with it just now
            await _refuse_used(settings, registry, key_id)
        except (KeyInUse, Unreachable):
            ring.put_back(settings.key_file, key)
            raise
        await _note(registry, f"the key {key_id} was retired")


async def _refuse_used(settings: Settings, registry: Registry, key_id: str) -> None:
    used = (await key_uses(settings, registry))[key_id]
    if used:
        message = f"the key {key_id} is needed for {used} grants or waiting verifiers"
        resume = "" if key_id == registry.grants.sealer.keys.active.id else " --resume"
        raise KeyInUse(message, f"run `freshforce keys rotate{resume}`, with a worker running; then again")


def _refuse_given(settings: Settings, mend: str) -> None:
    if settings.keys.get_secret_value():
        message = "the keys come from FRESHFORCE_KEYS, which we cannot change"
        raise Misconfigured(message, mend, "keys-given")


async def _made(settings: Settings, key_id: str) -> None:
    """Say in the audit that a key was made; without a Kafka the first worker says it, when it starts."""
    with suppress(FreshforceError):
        async with open_registry(settings, now, os.urandom) as registry:
            await _note(registry, f"the key {key_id} was made")


@asynccontextmanager
async def _refusals_said(registry: Registry, what: str) -> AsyncIterator[None]:
    """Have what is refused inside said in the audit, then to the person."""
    try:
        yield
    except FreshforceError as refused:
        with suppress(Transient):  # Kafka is away: the person hears of it all the same
            await _note(registry, f"{what}: {refused}", Verdict.REJECTED)
        raise


async def _note(registry: Registry, rule: str, verdict: Verdict = Verdict.CONFIGURED) -> None:
    """Say what was done in the audit of each connection, for its grants are touched; else of us all."""
    connections: list[Connection | None] = [*registry.all()]
    for connection in connections or [None]:
        await registry.note(connection, verdict, rule)
