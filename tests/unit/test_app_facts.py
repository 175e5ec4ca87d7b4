"""What the patient's app is built with is what the API says: signs and limits, questionnaires, symptoms, schedules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app_facts import written

FILES = written()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_app_is_built_with_what_the_api_says_now(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "write it anew: python -m tests.app_facts"
