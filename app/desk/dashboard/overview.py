"""The first page."""

from typing import Final

from aiohttp import web

from app.desk.pages import see


async def show(_request: web.Request) -> web.Response:
    """Lead to the connections."""
    return see("/connections")


ROUTES: Final = (web.get("/", show),)
