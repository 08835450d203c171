"""The callbacks API over HTTP: registering for webhooks."""

from http import HTTPStatus

from aiohttp import web

from app.sandbox.freshbooks.bodies import digits
from app.sandbox.freshbooks.door import need_scope
from app.sandbox.freshbooks.events import SCOPE_OF_NOUN
from app.sandbox.freshbooks.query import query_of
from app.sandbox.freshbooks.rest import result, wrapped_body
from app.sandbox.freshbooks.sandbox import FreshBooks


class CallbackDesk:
    """Registering for webhooks."""

    def __init__(self, freshbooks: FreshBooks) -> None:
        self._freshbooks = freshbooks

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        place = "/events/account/{account}/events/callbacks"
        return [
            web.get(place, self.list),
            web.post(place, self.register),
            web.get(place + "/{id}", self.get),
            web.put(place + "/{id}", self.change),
            web.delete(place + "/{id}", self.remove),
        ]

    async def list(self, request: web.Request) -> web.Response:
        """Answer a page of callbacks, for one event and its noun if asked so."""
        query = query_of(request.query.items())
        event = dict(query.search).get("event")
        found = self._freshbooks.callbacks.all(event[0] if event else None)
        number, per_page = query.page
        shown = [self._freshbooks.callbacks.shown(one) for one in found]
        return result(
            {
                "callbacks": shown[(number - 1) * per_page : number * per_page],
                "page": number,
                "pages": -(-len(shown) // per_page),
                "per_page": per_page,
                "total": len(shown),
            }
        )

    async def register(self, request: web.Request) -> web.Response:
        """Register; the handshake is a POST of its own."""
        body = await wrapped_body(request, "callback")
        noun = str(body.get("event", "")).partition(".")[0]
        if noun in SCOPE_OF_NOUN:
            need_scope(request, f"user:{SCOPE_OF_NOUN[noun]}:read")
        callback = self._freshbooks.callbacks.register(body)
        await self._freshbooks.shake_hands(callback)
        return self._one(callback.id)

    async def get(self, request: web.Request) -> web.Response:
        """Read a callback."""
        return self._one(_id(request))

    async def change(self, request: web.Request) -> web.Response:
        """Verify, send the code again, or change event and URI."""
        callbacks, callback_id = self._freshbooks.callbacks, _id(request)
        body = await wrapped_body(request, "callback")
        if "verifier" in body:
            callbacks.verify(callback_id, str(body["verifier"]))
        elif body.get("resend"):
            await self._freshbooks.shake_hands(callbacks.renewed(callback_id))
        else:
            before = callbacks.get(callback_id)
            after = callbacks.change(callback_id, body)
            if before.verified and not after.verified:
                await self._freshbooks.shake_hands(after)
        return self._one(callback_id)

    async def remove(self, request: web.Request) -> web.Response:
        """Delete a callback."""
        self._freshbooks.callbacks.remove(_id(request))
        return web.Response(status=HTTPStatus.NO_CONTENT)

    def _one(self, callback_id: int) -> web.Response:
        callbacks = self._freshbooks.callbacks
        return result({"callback": callbacks.shown(callbacks.get(callback_id))})


def _id(request: web.Request) -> int:
    return digits(request.match_info["id"]) or 0
