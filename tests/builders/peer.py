"""simple-salesforce, unchanged, at a sandbox: it insists on https, so an adapter speaks http for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from app.sandbox.salesforce.running import RunningSalesforce


class Plainly(HTTPAdapter):
    """Speaks http where simple-salesforce insists on https."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = (request.url or "").replace("https://", "http://", 1)
        return super().send(request, *args, **kwargs)


@contextmanager
def peer_of(org: RunningSalesforce) -> Iterator[Any]:
    """Lend a client that is logged in as the org's run-as user; it blocks, so use it in a thread."""
    with requests.Session() as session:
        session.mount("https://", Plainly())
        host = org.url.removeprefix("http://")
        form = {
            "grant_type": "client_credentials",
            "client_id": org.client_id,
            "client_secret": org.client_secret,
        }
        token = session.post(f"https://{host}/services/oauth2/token", data=form, timeout=10).json()
        yield Salesforce(session_id=token["access_token"], instance=host, session=session, version="66.0")
