"""Webhooks as FreshBooks sends them, whole or spoilt in one place, as bytes on a socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from app.freshbooks.signature import Verifier, sign
from app.ingress.callbacks import Callback, Directory, Retiring
from app.ingress.clocks import Clocks
from app.ingress.conversation import Door, Manners
from app.ingress.rate import DELIVERIES, Allowance
from app.ingress.reception import Reception
from app.ingress.tally import Tally
from streams.domain.grant import VerifierOffered
from streams.domain.identity import AccountId, ConnectionName
from tests.fakes.keep import FakeKeep

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRET = "scADVVi5QuKuj5qTjVkbJNYQe7V7USpGd"
OLD_SECRET = "0ldVVi5QuKuj5qTjVkbJNYQe7V7USpGd00"
EXPIRED_SECRET = "3xp1redQuKuj5qTjVkbJNYQe7V7USpGd00"
PATH = "5f" * 16
POLITE = Manners()
PREFIX = "/webhooks/freshbooks/"


def a_callback(path: str = PATH, noun: str = "invoice", secret: str = SECRET) -> Callback:
    return Callback(
        path=path,
        connection=ConnectionName("acme"),
        account=AccountId("6BApk"),
        noun=noun,
        callback_id=2001,
        verifiers=(Verifier.of(secret),),
        retiring=(
            Retiring(Verifier.of(OLD_SECRET), NOW + timedelta(hours=1)),
            Retiring(Verifier.of(EXPIRED_SECRET), NOW - timedelta(hours=1)),
        ),
    )


def a_form(**changes: str) -> dict[str, str]:
    form = {
        "name": "invoice.update",
        "object_id": "1234567",
        "account_id": "6BApk",
        "business_id": "6543",
        "identity_id": "1234",
        "user_id": "1",
    }
    return form | changes


def signed(form: Mapping[str, str], secret: str = SECRET) -> str:
    return sign(form, secret.encode()).decode()


def http(
    body: bytes | str,
    *,
    path: str = PREFIX + PATH,
    method: str = "POST",
    version: str = "HTTP/1.1",
    **headers: str | None,
) -> bytes:
    """Return a request; a header given as None is left out, `_` in a name stands for `-`."""
    raw = body.encode() if isinstance(body, str) else body
    given: dict[str, str | None] = {
        "Host": "hooks.example.com",
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": str(len(raw)),
    }
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} {version}", *(f"{n}: {v}" for n, v in given.items() if v is not None)]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + raw


def a_webhook(secret: str = SECRET, **changes: str) -> bytes:
    form = a_form(**changes)
    return http(urlencode(form), X_FreshBooks_Hmac_SHA256=signed(form, secret))


class PaperVault:
    """A fake of the vault: its seal is to turn the text round."""

    def offer(
        self, connection: ConnectionName, path: str, callback_id: int, verifier: str
    ) -> VerifierOffered:
        return VerifierOffered(
            id=f"offer {verifier}",
            connection=connection,
            path=path,
            callback_id=callback_id,
            key_id="paper",
            nonce=b"",
            ciphertext=verifier[::-1].encode(),
        )


@dataclass(slots=True)
class House:
    """A reception behind a real socket, with everything it touches within reach."""

    keep: FakeKeep = field(default_factory=FakeKeep)
    tally: Tally = field(default_factory=Tally)
    callbacks: Directory = field(default_factory=Directory)
    seconds: float = 0.0
    port: int = 0
    reception: Reception = field(init=False)

    async def say(self, *parts: bytes, answers: int = 1, patience: float = 2.0) -> bytes:
        """Send `parts` on one connection; return so many answers, and what follows at once."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            for part in parts:
                writer.write(part)
                await writer.drain()
            return await _listen(reader, answers, patience)
        except ConnectionError:
            return b""
        finally:
            writer.close()

    async def status(self, *parts: bytes) -> int:
        return status_of(await self.say(*parts))


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


async def _listen(reader: asyncio.StreamReader, answers: int, patience: float) -> bytes:
    got = b""
    try:
        async with asyncio.timeout(patience) as limit:
            while part := await reader.read(65536):
                got += part
                if got.count(b"\r\n\r\n") >= answers:
                    limit.reschedule(asyncio.get_running_loop().time() + 0.02)
    except TimeoutError:
        return got
    return got


@asynccontextmanager
async def a_house(
    *callbacks: Callback, manners: Manners = POLITE, allowed: Allowance = DELIVERIES
) -> AsyncIterator[House]:
    house = House(callbacks=Directory(callbacks or (a_callback(),), complete=True))
    clocks = Clocks(lambda: NOW, lambda: house.seconds)
    house.reception = Reception(
        house.callbacks, house.keep, PaperVault(), clocks, house.tally, manners.patience, allowed
    )
    door = Door(house.reception, house.tally, manners)
    server = await asyncio.get_running_loop().create_server(door, "127.0.0.1", 0)
    house.port = server.sockets[0].getsockname()[1]
    try:
        yield house
    finally:
        server.close()
        await door.shutdown(0.1)
