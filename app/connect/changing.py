"""Changing a connection's settings: what may be changed, and only to what it may be."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from pydantic import ValidationError

from app.registry import Registry
from streams.domain.audit import Verdict
from streams.domain.connection import Connection
from streams.domain.errors import Misconfigured
from streams.domain.identity import ConnectionName

NOT_HERE: Final = (
    "kind",
    "name",
    "paused",
    "removed",
    "copied",
    "life",
    "freshbooks_account_id",
    "freshbooks_api_url",
    "freshbooks_auth_url",
    "salesforce_domain",
    "salesforce_org",
    "mapping",
)
"""Set by other commands: the mapping by `freshforce mapping set`, which checks it; addresses by
`freshforce connect`, with the secret that goes there."""

CHANGEABLE: Final = tuple(name for name in Connection.model_fields if name not in NOT_HERE)


class BadChange(Misconfigured):
    """There is no such setting, or it cannot be that."""

    code = "bad-change"

    def __init__(self, setting: str, why: str = "no such setting") -> None:
        super().__init__(f"{setting}: {why}", f"the settings are {', '.join(CHANGEABLE)}")


async def change(registry: Registry, name: ConnectionName, changes: Mapping[str, str]) -> Connection:
    """Make `changes` (setting → text) in force for a connection and return it as it then is.

    Running workers follow at once; rows already written change when their client is next derived.

    Raises:
        NoConnection: there is none of that name.
        BadChange: names the setting and what is wrong; nothing was changed.
    """
    await registry.read_on()
    before = registry[name]
    after = changed(before, changes)
    if after != before:
        await registry.write(after)
        await registry.note(
            after, Verdict.CONFIGURED, "settings changed", settings=", ".join(sorted(changes))
        )
    return after


def changed(connection: Connection, changes: Mapping[str, str]) -> Connection:
    """Return `connection` with `changes`; a setting inside another is written `stages.won`.

    Raises:
        BadChange: as `change`.
    """
    as_it_is = {name: getattr(connection, name) for name in CHANGEABLE}  # the bytes leave some out
    wanted: dict[str, Any] = as_it_is | connection.model_dump(mode="json")
    for setting, text in changes.items():
        *outer, last = setting.split(".")
        inside = _inside(wanted, outer, setting)
        if last not in inside or (not outer and last not in CHANGEABLE):
            raise BadChange(setting)
        inside[last] = _typed(text, inside[last])
    try:
        return Connection.model_validate_json(orjson.dumps(wanted), strict=True)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise BadChange(".".join(map(str, first["loc"])), first["msg"]) from None


def _inside(wanted: dict[str, Any], outer: list[str], setting: str) -> dict[str, Any]:
    for name in outer:
        inner = wanted.get(name)
        if not isinstance(inner, dict) or name not in CHANGEABLE:
            raise BadChange(setting)
        wanted = inner
    return wanted


def _typed(text: str, before: object) -> object:
    """Read `text` as the kind of value that stands there now."""
    if isinstance(before, str):
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
