"""Whoever cannot prove to be Salesforce gets neither our secret nor our rows."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.salesforce.api.auth import log_in
from app.salesforce.wire.transport import transport
from streams.domain.errors import Unreachable


def self_signed(folder: Path) -> ssl.SSLContext:
    """Make a certificate for this machine that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    began = datetime.now(UTC) - timedelta(hours=1)  # noqa: TID251 - a certificate is valid in real time
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@asynccontextmanager
async def impostor(context: ssl.SSLContext, seen: list[str]) -> AsyncIterator[str]:
    async def greedy(request: web.Request) -> web.Response:
        seen.append(await request.text())
        return web.json_response({"access_token": "x", "instance_url": "https://evil.example"})

    site = web.Application()
    site.router.add_route("*", "/{path:.*}", greedy)
    runner = web.AppRunner(site)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_a_server_without_a_certificate_to_trust_is_told_nothing(tmp_path: Path) -> None:
    seen: list[str] = []

    async with impostor(self_signed(tmp_path), seen) as url, transport() as send:
        with pytest.raises(Unreachable, match="Certificate"):
            await log_in(send, url, ("key", "secret"), allow_http=True)

    assert seen == []
