"""A plain connector: simple-salesforce, one upsert after the other on one connection."""

from collections.abc import Sequence
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from app.bench.deliver_org import KEY
from streams.domain.command import Command


class ToOrg(HTTPAdapter):
    """Sends to an org of ours, in the clear, what is meant for any https host: the client knows no other."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._place = urlsplit(url)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request to that org, whatever host it names."""
        asked = urlsplit(str(request.url))
        request.url = urlunsplit((self._place.scheme, self._place.netloc, asked.path, asked.query, ""))
        return super().send(request, *args, **kwargs)


class OneSession:
    """The client as its documentation shows it; it blocks, so call it in a thread."""

    def __init__(self, url: str, token: str) -> None:
        self._session = requests.Session()
        # No proxy and no .netrc of this machine; not to look for them at each call makes it quicker, too.
        self._session.trust_env = False
        self._session.mount("https://", ToOrg(url))
        client = Salesforce(
            instance="bench.my.salesforce.com", session_id=token, session=self._session, version="66.0"
        )
        self._accounts = client.Account

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def write(self, commands: Sequence[Command]) -> None:
        """Write all rows, each when the one before it is answered."""
        for command in commands:
            row = f"{KEY}/{command.external_id}"
            reply = self._accounts.upsert(row, command.fields, raw_response=True)
            assert reply.json()["success"]
