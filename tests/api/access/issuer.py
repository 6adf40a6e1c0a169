"""An issuer of OpenID Connect on a loopback port: real keys, real documents, and ways to misbehave."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "foretell"
DISCOVERY, JWKS = "/.well-known/openid-configuration", "/keys"
Answer = Callable[[BaseHTTPRequestHandler], None]

_MAKERS: dict[str, Callable[[], Any]] = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "rsa-other": lambda: rsa.generate_private_key(65537, 2048),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
_FORMS: dict[str, Callable[[Any], str]] = {
    "r": RSAAlgorithm.to_jwk,
    "p": ECAlgorithm.to_jwk,
    "e": OKPAlgorithm.to_jwk,
}


@cache
def private(name: str) -> Any:
    """A private key, made once in a run."""
    return _MAKERS[name]()


def jwk(name: str, kid: str | None = None, **more: object) -> dict[str, Any]:
    """The public half of a key as issuers publish it."""
    document: dict[str, Any] = json.loads(_FORMS[name[0]](private(name).public_key()))
    return document | ({"kid": kid} if kid else {}) | more


def pem(name: str) -> bytes:
    """The public half of a key as a file."""
    data: bytes = private(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return data


def part(value: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class Issuer:
    """What the server publishes, and how often it was asked for it."""

    def __init__(self, port: int, scheme: str = "http") -> None:
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.keys: list[dict[str, Any]] = [jwk("rsa", "one")]
        self.discovery: dict[str, Any] = {"issuer": self.url, "jwks_uri": self.url + JWKS}
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.ended = threading.Event()

    def claims(self, **more: object) -> dict[str, Any]:
        """The claims of a good token; those that are None are left out."""
        now = int(time.time())
        whole = {"iss": self.url, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300, **more}
        return {name: value for name, value in whole.items() if value is not None}

    def token(
        self, key: str = "rsa", algorithm: str = "RS256", *, kid: str | None = "one", **claims: Any
    ) -> str:
        """A signed token."""
        headers = {"kid": kid} if kid else {}
        return jwt.encode(self.claims(**claims), private(key), algorithm=algorithm, headers=headers)

    def fetches(self) -> int:
        """How often the keys were asked for."""
        return self.asked.count(JWKS)


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Answer a request."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Issuer]:
    """An issuer that listens as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.asked.append(self.path)
            try:
                if self.path in issuer.answers:
                    issuer.answers[self.path](self)
                elif self.path == DISCOVERY:
                    send(self, json.dumps(issuer.discovery).encode())
                elif self.path == JWKS:
                    send(self, json.dumps({"keys": issuer.keys}).encode())
                else:
                    send(self, b"", 404)
            except ConnectionError:
                self.close_connection = True  # the client has heard enough

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    issuer = Issuer(server.server_address[1], "http" if tls is None else "https")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield issuer
    finally:
        issuer.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
