import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from app.sandbox.freshbooks import Profile
from app.sandbox.freshbooks.signing import signature
from app.sandbox.freshbooks.switches import HandshakeTime, Switches
from tests.builders.freshbooks_user import FreshBooksUser, freshbooks_user
from tests.fakes.webhook_receiver import Received, WebhookReceiver, webhook_receiver


@dataclass
class Subscriber:
    """A user with a receiver; knows the verifier of each of its callbacks."""

    user: FreshBooksUser
    receiver: WebhookReceiver

    async def register(self, event: str, path: str = "/hook") -> dict[str, Any]:
        body = {"callback": {"event": event, "uri": self.receiver.url + path}}
        status, answer = await self.user.events("POST", body=body)
        assert status == 200, answer
        callback: dict[str, Any] = answer["response"]["result"]["callback"]
        return callback

    async def verified(self, event: str, path: str = "/hook") -> tuple[int, str]:
        """Register and shake hands; return the callback's id and verifier."""
        callback = int((await self.register(event, path))["callbackid"])
        verifier = await self.verifier_of(callback)
        status, answer = await self.put(callback, verifier=verifier)
        assert (status, answer["response"]["result"]["callback"]["verified"]) == (200, True)
        return callback, verifier

    async def verifier_of(self, callback: int) -> str:
        while True:
            for one in self.receiver.received:
                if one.fields.get("object_id") == str(callback) and "verifier" in one.fields:
                    return one.fields["verifier"]
            await asyncio.wait_for(self.receiver.wait_for(len(self.receiver.received) + 1), 5)

    async def put(self, callback: int, **fields: Any) -> tuple[int, Any]:
        return await self.user.events("PUT", f"/{callback}", {"callback": fields})

    async def heard(self) -> list[Received]:
        """Return the events that came, without the handshakes, when all were delivered."""
        assert await self.user.sandbox.control.settle(5)
        return [one for one in self.receiver.received if one.fields["name"] != "callback.verify"]


@asynccontextmanager
async def subscriber(**switches: Any) -> AsyncIterator[Subscriber]:
    profile = Profile(switches=Switches.model_validate({"handshake_delay": 0.01} | switches))
    async with webhook_receiver() as receiver, freshbooks_user(profile=profile) as user:
        yield Subscriber(user, receiver)


async def test_registering_answers_unverified_and_the_handshake_comes_on_its_own() -> None:
    async with subscriber() as one:
        callback = await one.register("invoice.create")

        (handshake,) = await one.receiver.wait_for(1)

        assert callback["verified"] is False
        assert handshake.fields["name"] == "callback.verify"
        assert handshake.fields["object_id"] == str(callback["callbackid"])
        assert handshake.signature == signature(handshake.fields, handshake.fields["verifier"])


async def test_the_handshake_may_come_before_the_register_answer() -> None:
    async with subscriber(handshake_time=HandshakeTime.BEFORE) as one:
        callback = await one.register("invoice.create")

        assert one.receiver.received[0].fields["object_id"] == str(callback["callbackid"])


async def test_nothing_is_sent_until_the_verifier_came_back() -> None:
    async with subscriber() as one:
        await one.register("client.create")
        await one.user.a_client()

        assert await one.heard() == []


async def test_a_wrong_verifier_is_refused_and_the_callback_stays_silent() -> None:
    async with subscriber() as one:
        callback = (await one.register("client.create"))["callbackid"]

        status, body = await one.put(callback, verifier="guessed")
        _, shown = await one.user.events("GET", f"/{callback}")

        assert (status, body["errno"]) == (400, 422)
        assert shown["response"]["result"]["callback"]["verified"] is False


async def test_each_callback_has_its_own_verifier_and_events_are_signed_with_it() -> None:
    async with subscriber() as one:
        _, first = await one.verified("client.create", "/clients")
        _, second = await one.verified("client", "/all")

        client = await one.user.a_client()
        heard = {event.path: event for event in await one.heard()}

        assert first != second
        assert heard["/clients"].fields["object_id"] == str(client["id"])
        assert heard["/clients"].signature == signature(heard["/clients"].fields, first)
        assert heard["/all"].signature == signature(heard["/all"].fields, second)


async def test_a_bare_noun_hears_every_verb_and_a_verb_only_its_own() -> None:
    async with subscriber() as one:
        await one.verified("invoice", "/all")
        await one.verified("invoice.delete", "/deleted")
        invoice = (await one.user.an_invoice((await one.user.a_client())["id"], status=1))["id"]
        place = f"invoices/invoices/{invoice}"

        await one.user.accounting("PUT", place, {"invoice": {"action_email": True}})
        await one.user.accounting("PUT", place, {"invoice": {"vis_state": 1}})
        heard = await one.heard()

        assert sorted(event.fields["name"] for event in heard if event.path == "/all") == [
            "invoice.create",
            "invoice.delete",
            "invoice.sendByEmail",
            "invoice.update",
        ]
        assert [event.fields["name"] for event in heard if event.path == "/deleted"] == ["invoice.delete"]


async def test_an_event_carries_six_ids_and_two_updates_are_alike_to_the_byte() -> None:
    async with subscriber() as one:
        await one.verified("client.update")
        client = (await one.user.a_client())["id"]

        for name in ("Ann", "Åse"):
            await one.user.accounting("PUT", f"users/clients/{client}", {"client": {"fname": name}})
        first, second = await one.heard()

        assert first.body == second.body
        assert list(first.fields) == [
            "name",
            "object_id",
            "user_id",
            "identity_id",
            "business_id",
            "account_id",
        ]


async def test_a_change_of_nothing_tells_nothing() -> None:
    async with subscriber() as one:
        await one.verified("client.update")
        client = await one.user.a_client(fname="Ann")

        await one.user.accounting("PUT", f"users/clients/{client['id']}", {"client": {"fname": "Ann"}})

        assert await one.heard() == []


@pytest.mark.parametrize(
    ("switch", "names"),
    [(False, {"payment.create"}), (True, {"payment.create", "invoice.update"})],
)
async def test_whether_a_payment_tells_of_its_invoice_is_a_switch(switch: bool, names: set[str]) -> None:  # noqa: FBT001
    async with subscriber(payment_fires_invoice_update=switch) as one:
        invoice = (await one.user.an_invoice((await one.user.a_client())["id"]))["id"]
        await one.verified("payment")
        await one.verified("invoice")

        await one.user.a_payment(invoice, "10.00")

        assert {event.fields["name"] for event in await one.heard()} == names


@pytest.mark.parametrize(("changes", "same"), [(False, True), (True, False)])
async def test_resend_sends_the_code_again_the_same_or_a_new_one(changes: bool, same: bool) -> None:  # noqa: FBT001
    async with subscriber(resend_changes_verifier=changes) as one:
        callback = (await one.register("client"))["callbackid"]
        await one.receiver.wait_for(1)

        status, _ = await one.put(callback, resend=True, callback_id=callback)
        first, again = await one.receiver.wait_for(2)

        assert status == 200
        assert (first.fields["verifier"] == again.fields["verifier"]) is same


async def test_a_new_uri_must_be_verified_anew() -> None:
    async with subscriber() as one:
        callback, _ = await one.verified("client.create")

        _, moved = await one.put(callback, uri=one.receiver.url + "/elsewhere")

        assert moved["response"]["result"]["callback"]["verified"] is False
        assert (await one.receiver.wait_for(2))[1].path == "/elsewhere"


async def test_callbacks_are_listed_filtered_by_event_and_its_parent() -> None:
    async with subscriber() as one:
        for event in ("invoice", "invoice.create", "invoice.delete", "client"):
            await one.register(event)

        _, every = await one.user.events("GET")
        _, some = await one.user.events("GET", query={"search[event]": "invoice.create"})

        assert every["response"]["result"]["total"] == 4
        found = [callback["event"] for callback in some["response"]["result"]["callbacks"]]
        assert found == ["invoice.create", "invoice"]
        assert all("verifier" not in callback for callback in every["response"]["result"]["callbacks"])


async def test_a_deleted_callback_is_gone() -> None:
    async with subscriber() as one:
        callback, _ = await one.verified("client.create")

        deleted, _ = await one.user.events("DELETE", f"/{callback}")
        missing, body = await one.user.events("GET", f"/{callback}")
        await one.user.a_client()

        assert (deleted, missing) == (204, 404)
        assert body == {"errno": 404, "message": "Requested resource could not be found."}
        assert await one.heard() == []


async def test_an_unknown_event_and_a_bad_uri_are_named() -> None:
    async with subscriber() as one:
        body = {"callback": {"event": "invoice.paid", "uri": "nowhere"}}
        status, answer = await one.user.events("POST", body=body)

        assert (status, answer["errno"]) == (400, 422)
        assert [detail.partition(":")[0] for detail in answer["details"]] == ["event", "uri"]


async def test_the_validation_error_may_come_in_the_rpc_shape() -> None:
    async with subscriber(error_shape="rpc") as one:
        body = {"callback": {"event": "moon", "uri": one.receiver.url}}
        _, answer = await one.user.events("POST", body=body)

        violations = answer["details"][0]["fieldViolations"]
        assert violations == [{"field": "event", "description": "Unrecognized event."}]


async def test_a_callback_needs_the_scope_of_its_noun() -> None:
    async with subscriber() as one:
        await one.user.consent(scope="user:clients:read")

        status, _ = await one.user.events(
            "POST", body={"callback": {"event": "payment", "uri": one.receiver.url}}
        )

        assert status == 403
