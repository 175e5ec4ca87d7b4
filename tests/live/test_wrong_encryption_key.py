"""A process whose encryption secret is not the one the keys were sealed with does not serve, and says why."""

from __future__ import annotations

import pytest

from api.run.first_secrets import new_secret
from tests.live.conftest import Scene


def test_a_process_with_another_encryption_secret_does_not_start_and_names_the_setting(scene: Scene) -> None:
    other = new_secret()
    with pytest.raises(AssertionError, match="the server did not start") as refused:
        scene.installed.start_api(ENCRYPTION_KEY=other)
    assert "TENDWELL_ENCRYPTION_KEY is not the one" in str(refused.value)
    assert other not in str(refused.value)
    scene.installed.processes.pop()
