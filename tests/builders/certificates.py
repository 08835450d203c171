"""A certificate authority of a test's own, and what it signs, rightly or wrongly."""

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Authority:
    """Signs certificates, as of `now`."""

    folder: Path
    now: datetime
    key: Key

    @property
    def file(self) -> Path:
        """What those trust who trust this authority."""
        return self.folder / "ca.pem"

    def server(self, host: str, *, age: timedelta = DAY, alone: bool = False) -> ssl.SSLContext:
        """Return a server's side for `host`, certified `age` ago for two days; `alone` by itself only."""
        own = ec.generate_private_key(ec.SECP256R1())
        signer, issuer = (own, host) if alone else (self.key, "authority")
        since = self.now - age
        certificate = _certificate(host, own, issuer, signer, since)
        file = self.folder / f"{host}-{age.days}-{alone}.pem"
        file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + _private(own))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def an_authority(folder: Path, now: datetime) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    authority = Authority(folder, now, key)
    certificate = _certificate("authority", key, "authority", key, now - DAY, is_authority=True)
    authority.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return authority


def _certificate(  # noqa: PLR0913  # what a certificate says
    host: str, key: Key, issuer: str, signer: Key, since: datetime, *, is_authority: bool = False
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(host))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + 2 * DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(signer, hashes.SHA256())
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _private(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
