"""Key-encryption keys: made, kept in a file that only its owner reads, found by id.

A key's id is the start of its SHA-256, so a key that was mixed up with another is noticed at loading.
The file has one key per line, `id:base64`; the last one seals, all of them open.
"""

import fcntl
import os
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from stat import S_IMODE
from types import MappingProxyType
from typing import Final

from streams.domain.errors import Misconfigured

SIZE: Final = 32
_PRIVATE: Final = 0o600
_OTHERS: Final = 0o077


class BadKeys(Misconfigured):
    """A key is missing, wrong or open to others; a grant cannot be opened without it."""

    code = "bad-keys"


@dataclass(frozen=True, slots=True)
class Key:
    """A 256-bit key; it prints as its id."""

    id: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, secret: bytes) -> "Key":
        """Return the key with these 32 bytes."""
        if len(secret) != SIZE:
            message = f"a key has {SIZE} bytes"
            raise BadKeys(message)
        return cls(sha256(secret).hexdigest()[:8], secret)


Closed = Callable[[BadKeys], object]
"""Told of a key that is needed and not here."""


def unheeded(_: BadKeys) -> None:
    """Go on without the key: the caller says what it lacks."""


class Keyring:
    """The keys of an installation, by id.

    Where one is missing it looks again: `freshforce keys new` may have made it while we were running, and
    whatever was sealed with it since would else be closed to us until a restart. One that is nowhere is told
    to `closed`: a role ends there, for only a person can bring it, and whoever went on would bury what waits.
    """

    keys: Mapping[str, Key]

    def __init__(self, look: Callable[[], tuple[Key, ...]], closed: Closed = unheeded) -> None:
        self._look = look
        self._closed = closed
        self._learn()

    def __getitem__(self, key_id: str) -> Key:
        """Return the key of that id.

        Raises:
            BadKeys: it is not here; the message names the id.
        """
        if key_id not in self.keys:
            with suppress(BadKeys):  # a file that is away lacks the key as well
                self._learn()
        if key_id not in self.keys:
            message = f"the key {key_id} is missing; we have {', '.join(self.keys)}"
            missing = BadKeys(message, mend=f"put the key {key_id} back into the key file")
            self._closed(missing)
            raise missing
        return self.keys[key_id]

    @property
    def active(self) -> Key:
        """The one that seals: the newest in the file at this moment, so that a rotation needs no restart."""
        with suppress(BadKeys):  # a file that is away just now must not cost what is to be sealed
            self._learn()
        return [*self.keys.values()][-1]

    def _learn(self) -> None:
        keys = self._look()
        if not keys:
            message = "there is no key"
            raise BadKeys(message, mend="run `freshforce keys new`")
        self.keys = MappingProxyType({key.id: key for key in keys})


def keyring(keys: tuple[Key, ...]) -> Keyring:
    """Return the ring of `keys`; the last one seals."""
    return Keyring(lambda: keys)


def load(file: Path, given: str = "", closed: Closed = unheeded) -> Keyring:
    """Return the keys in `given` (the environment's) or, where that is empty, in `file`.

    Raises:
        BadKeys: no key, an unreadable one, or a file that others may read.
    """
    if not given:
        return Keyring(partial(_read_file, file), closed)
    keys = read(given)
    return Keyring(lambda: keys, closed)


def add(file: Path, secret: bytes) -> Key:
    """Make `secret` (32 bytes of os.urandom) the active key and return it; the older ones still open.

    The file is replaced as a whole, so a crash leaves the old one or the new one.
    """
    key = Key.of(secret)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(file):
        held = _read_file(file) if file.exists() else ()
        _write_file(file, (*(each for each in held if each.id != key.id), key))
    return key


def drop(file: Path, key_id: str) -> Key:
    """Take a key out of the file and return it.

    Raises:
        BadKeys: it is not there, or it is the one that seals.
    """
    with _alone(file):
        held = _read_file(file)
        if key_id not in {key.id for key in held}:
            message = f"there is no key {key_id} in {file}"
            raise BadKeys(message, mend="see `freshforce keys list`")
        if key_id == held[-1].id:
            message = f"the key {key_id} is the one that encrypts"
            raise BadKeys(message, mend="run `freshforce keys rotate` first")
        _write_file(file, tuple(key for key in held if key.id != key_id))
    return next(key for key in held if key.id == key_id)


def put_back(file: Path, key: Key) -> None:
    """Let a key that was dropped decrypt again; another one goes on encrypting."""
    with _alone(file):
        _write_file(file, (key, *_read_file(file)))


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Let one at a time change the keys: of two at once, one would lose its key and what it had sealed."""
    private = os.open(file.with_name(f"{file.name}.lock"), os.O_WRONLY | os.O_CREAT, _PRIVATE)
    try:
        fcntl.flock(private, fcntl.LOCK_EX)
        yield
    finally:
        os.close(private)


def _write_file(file: Path, keys: tuple[Key, ...]) -> None:
    fresh = file.with_name(f"{file.name}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
    with os.fdopen(descriptor, "w") as out:
        out.writelines(f"{_line(each)}\n" for each in keys)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    _sync(file.parent)


def _sync(folder: Path) -> None:
    """Have the disk know which files are there: else a power cut may bring back the keys of before."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(text: str) -> tuple[Key, ...]:
    """Return the keys in `text`, one per line or separated by commas.

    Raises:
        BadKeys: a line is no key, or a key is not the one its id says.
    """
    lines = [line.strip() for line in text.replace(",", "\n").splitlines()]
    return tuple(_key(line) for line in lines if line and not line.startswith("#"))


def _read_file(file: Path) -> tuple[Key, ...]:
    try:
        mode = S_IMODE(file.stat().st_mode)
        text = file.read_text("ascii", "replace")
    except OSError as error:
        message = f"the key file cannot be read: {error.strerror}"
        raise BadKeys(message, mend="run `freshforce keys new`, or set FRESHFORCE_KEY_FILE") from None
    if mode & _OTHERS:
        message = f"others may read the key file (mode {mode:04o})"
        raise BadKeys(message, mend=f"chmod 600 {file}")
    return read(text)


def _key(line: str) -> Key:
    name, _, encoded = line.partition(":")
    try:
        key = Key.of(b64decode(encoded, validate=True))
    except NotBase64:
        message = f"the key {name[:8]} is unreadable"
        raise BadKeys(message) from None
    if key.id != name:
        message = f"the key {name[:8]} is not the one its id says"
        raise BadKeys(message, mend="restore the line from your backup")
    return key


def _line(key: Key) -> str:
    return f"{key.id}:{b64encode(key.secret).decode()}"
