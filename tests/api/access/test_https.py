"""Issuers are asked over https, which holds against strangers in their place and against dawdling."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from foretell.api.access import fetching
from foretell.api.access.authenticator import AccessSettings, authenticator_of
from foretell.api.access.errors import UnauthenticatedError
from foretell.api.access.fetching import FetchError, fetch
from tests.api.access.issuer import AUDIENCE, DISCOVERY, JWKS, send, serving


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a certificate for 127.0.0.1 and its key, which nobody trusts yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "issuer")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, SHA256())
    )
    file = tmp_path / "issuer.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + private)
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    """What the issuer shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def told(url: str, token: str) -> str:
    one = authenticator_of(AccessSettings(oidc_issuer=url, oidc_audience=AUDIENCE, oidc_mapping={}))
    assert one is not None
    try:
        return (await one.authenticate(f"Bearer {token}")).name
    except UnauthenticatedError as error:
        return str(error)


def test_an_issuer_with_a_trusted_certificate_is_asked(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(tls) as issuer:
        assert asyncio.run(told(issuer.url, issuer.token())) == "alice"
        assert issuer.asked == [DISCOVERY, JWKS]


def test_a_stranger_in_an_issuer_s_place_is_not_believed(
    tls: ssl.SSLContext, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tls) as issuer, caplog.at_level(logging.WARNING):
        assert "can't be checked now" in asyncio.run(told(issuer.url, issuer.token()))
        assert issuer.asked == []
    assert "certificate verify failed" in caplog.text


def test_https_is_not_left_for_http(
    certificate: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving(tls) as issuer, serving() as plain:
        issuer.answers[JWKS] = lambda handler: send(handler, b"", 302, Location=plain.url + JWKS)
        with pytest.raises(FetchError, match="redirects to where documents may not come from"):
            fetch(issuer.url + JWKS)
        assert plain.asked == []


def test_a_handshake_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    ended = threading.Event()

    def drip(server: socket.socket) -> None:
        with server.accept()[0] as client, suppress(OSError):
            client.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB begins
            while not ended.wait(0.02):
                client.sendall(b"\x02")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        try:
            with pytest.raises(FetchError, match=r"it takes longer than 0\.3 seconds$"):
                fetch(f"https://127.0.0.1:{server.getsockname()[1]}/keys")
            # The connection is over for the other side, too, which ends by itself.
            thread.join(10)
            assert not thread.is_alive()
        finally:
            ended.set()
            thread.join()
