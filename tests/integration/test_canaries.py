"""Secrets of a whole run, looked for wherever one could slip out: logs, topics, files, arguments, figures."""

import asyncio
import os
import re
from base64 import b64encode
from pathlib import Path
from random import Random
from signal import SIGKILL

import pytest

from app.bench.crash_house import Role
from app.bench.crash_plan import Strike
from app.bench.crash_traffic import Traffic
from app.cli.clock import now
from app.connect.asking import begin
from app.demo.joining import NAME
from app.demo.processes import CommandFailed
from app.freshbooks.oauth import OAuthApp
from app.registry import open_registry
from app.sandbox.faults import FaultKind, Faults, Rule
from app.settings import Settings
from app.vault.grants import FreshBooksGrant, WebhooksGrant
from app.vault.keys import read
from streams.domain.grant import Side
from streams.domain.identity import ConnectionName
from tests.builders.canaries import files, leaks, processes, topics
from tests.builders.house import House, a_house

DEMO = ConnectionName(NAME)
SESSION = re.compile(rb"00D\w{12,15}![\w.]{20,}")
CODE = "canary-code-0123456789abcdef"
OFFERED = "canary-verifier-0123456789abcdef"
OURS = frozenset({"keys", "freshbooks.secret", "salesforce.secret"})
"""Files that are there to hold secrets."""


async def secrets(house: House) -> dict[str, str]:
    """Return what must not be found, by name, as it is now."""
    shop, backstage = house.stage.shop, house.stage.backstage
    settings = Settings(home=shop.home, kafka=house.stage.kafka, replication=1, min_insync=1)
    async with open_registry(settings, now, os.urandom) as registry:
        books = registry.grants.held(FreshBooksGrant, DEMO, Side.FRESHBOOKS)
        hooks = registry.grants.held(WebhooksGrant, DEMO, Side.WEBHOOKS)
    assert books is not None
    assert hooks is not None
    verifiers = [it.verifier.get_secret_value() for it in hooks.grant.callbacks if it.verifier]
    (key,) = read(settings.key_file.read_text())
    return {
        "FreshBooks' client secret": backstage.freshbooks.client_secret,
        "Salesforce's client secret": backstage.salesforce.client_secret,
        "the access token": books.grant.access_token.get_secret_value(),
        "the refresh token": books.grant.refresh_token.get_secret_value(),
        "the key": b64encode(key.secret).decode(),
        **{f"verifier {number}": each for number, each in enumerate(verifiers)},
    }


async def asked_and_buried(house: House) -> dict[str, str]:
    """Leave an answered consent that nobody trades, and an offer that ends as a dead letter."""
    shop, session = house.stage.shop, house.stage.backstage.session
    settings = Settings(home=shop.home, kafka=house.stage.kafka, replication=1, min_insync=1)
    async with open_registry(settings, now, os.urandom) as registry:
        books = registry.grants.held(FreshBooksGrant, DEMO, Side.FRESHBOOKS)
        assert books is not None
        app = OAuthApp(books.grant.client_id, books.grant.client_secret, books.grant.redirect_uri)
        consent = await begin(registry, session, registry[DEMO], app)
        hooks = registry.grants.held(WebhooksGrant, DEMO, Side.WEBHOOKS)
        assert hooks is not None
        offer = registry.grants.sealer.offer(DEMO, hooks.grant.callbacks[0].path, 1, OFFERED)
        await registry.write(offer.model_copy(update={"ciphertext": spoilt(offer.ciphertext)}))
    back = f"{shop.environment['FRESHFORCE_PUBLIC_URL']}/oauth/freshbooks/callback"
    async with session.get(back, params={"code": CODE, "state": consent.state}) as page:
        assert "FreshBooks said yes" in await page.text()
    return {"the consent's state": consent.state, "its code": CODE, "an offered verifier": OFFERED}


def spoilt(sealed: bytes) -> bytes:
    """Return what opens no more, whatever was sealed."""
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


async def told(house: House) -> dict[str, bytes]:
    """Return what a person is told: figures, health, commands."""
    shop, session = house.stage.shop, house.stage.backstage.session
    said: dict[str, bytes] = {}
    for note in (shop.home / "run").glob("*.json"):
        port = re.search(rb'"port":(\d+)', note.read_bytes())
        assert port is not None
        for page in ("metrics", "health/ready"):
            async with session.get(f"http://127.0.0.1:{int(port[1])}/{page}") as answer:
                said[f"{note.stem} {page}"] = await answer.read()
    for words in (("connections", "show", NAME, "--json"), ("keys", "list"), ("webhooks", "list", NAME)):
        said[" ".join(words)] = (await shop.command(*words)).encode()
    with pytest.raises(CommandFailed) as open_letters:  # exit code 1: there are some
        await shop.command("deadletters", "list", "--json")
    said["deadletters list"] = str(open_letters.value).encode()
    return said


async def trouble(house: House) -> None:
    """Let tokens end, answers get lost, calls be refused, a worker be killed; then be well again."""
    rules = (
        Rule(kind=FaultKind.ANSWER, status=401, probability=0.05),
        Rule(kind=FaultKind.ERRORS_IN_200, probability=0.05),
        Rule(kind=FaultKind.RESET, probability=0.05),
    )
    over, control = asyncio.Event(), house.stage.backstage.control
    await control.faults(Faults(seed=1, rules=rules))
    traffic = asyncio.create_task(Traffic(Random(1)).run(control, 20, over))
    for _ in range(3):
        await control.expire_tokens()
        await asyncio.sleep(1.0)
    await house.stage.roles["worker"].strike(Strike(0, "worker", SIGKILL))
    async with house.stage.backstage.session.post(
        f"{house.stage.shop.environment['FRESHFORCE_PUBLIC_URL']}/webhooks/freshbooks/{'ab' * 16}",
        data={"name": "callback.verify", "object_id": "1", "verifier": "forged"},
    ):
        pass
    over.set()
    await traffic
    await control.faults(Faults())
    await house.settled()


async def test_no_secret_of_a_whole_run_is_anywhere_but_sealed(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        view = Role("view", tmp_path, house.stage.shop.environment)
        view.start()
        before = await secrets(house) | await asked_and_buried(house)
        await trouble(house)
        known = {**{f"{name}, before": each for name, each in before.items()}, **await secrets(house)}
        await house.stage.ready("view")
        places = processes() | await topics(house.stage.kafka) | await told(house)
        await view.stop()
        places |= files(tmp_path, but=OURS)

    assert before["the refresh token"] != known["the refresh token"]
    assert {"view.sqlite", "worker.log", "ingress.log", "freshforce.grants"} <= places.keys()
    assert b"seal-broken" in places["freshforce.deadletters"]
    ours = {name: found for name, found in places.items() if "sandbox" not in name}
    assert leaks(ours, known) == []
    assert [name for name, found in ours.items() if SESSION.search(found)] == []


@pytest.mark.parametrize("form", ["plain", "hex", "base64", "quoted"])
def test_the_finder_finds_a_planted_secret(form: str) -> None:
    secret = "a canary/with+odd=signs"
    planted = {
        "plain": secret.encode(),
        "hex": secret.encode().hex().encode(),
        "base64": b64encode(f"xyz{secret}!".encode()),
        "quoted": b"a%20canary%2Fwith%2Bodd%3Dsigns",
    }

    assert leaks({"a log": b"before " + planted[form] + b" after"}, {"a secret": secret}) == [
        "a secret in a log"
    ]
    assert leaks({"a log": b"nothing"}, {"a secret": secret}) == []
