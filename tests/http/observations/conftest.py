"""Rose, and the address of her observations."""

from __future__ import annotations

import pytest
from httpx import AsyncClient

from tests.cast import Cast
from tests.http.conftest import ClientOf
from tests.http.observations.stage import ROSE


@pytest.fixture
def url(cast: Cast) -> str:
    return f"/v1/patients/{cast.patients['rose_resident']}/observations"


@pytest.fixture
def rose(client_of: ClientOf) -> AsyncClient:
    return client_of(ROSE)
