"""What tests of access share: an issuer on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.access.issuer import Issuer, serving


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer that publishes one RSA key, `one`."""
    with serving() as one:
        yield one
