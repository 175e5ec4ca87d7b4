"""What docs/operations.md says of settings, commands and bounds is what the code has."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from pydantic_core import PydanticUndefined

from api import readiness
from api.__main__ import COMMANDS
from api.authentication import GREATEST_LIFETIME
from api.live.feed import BLIND_AFTER_SECONDS, POLL_SECONDS
from api.settings import PREFIX, Settings
from api.worker import EVENTS_KEPT
from domain.accounts.session_age import LIFETIMES, WEB_IDLE, SessionKind
from integrations.postgres.beside import GONE_WITHIN_SECONDS
from integrations.postgres.online import FIRST_ONLINE, OLDEST_UPGRADED
from tests.architecture.source import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
README = (ROOT / "README.md").read_text()
TABLE = dict(re.findall(rf"^\| `({PREFIX}\w+)` \| ([^|]+?) \|", OPERATIONS, re.MULTILINE))
CODE = [path for folder in ("api", "demo", "tests") for path in (ROOT / folder).rglob("*.py")] + [ROOT / "Makefile"]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    default = Settings.model_fields[name].default
    if default is PydanticUndefined:
        assert TABLE[PREFIX + name.upper()] == "required"
    elif default in (None, ()):
        assert TABLE[PREFIX + name.upper()] == "none"
    else:
        assert TABLE[PREFIX + name.upper()] == f"`{default}`"


def test_no_setting_is_documented_that_is_none() -> None:
    assert set(TABLE) == {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", sorted(set(re.findall(rf"{PREFIX}[A-Z_]+[A-Z]", OPERATIONS + README))))
def test_every_variable_that_is_named_is_read_somewhere(name: str) -> None:
    if name.removeprefix(PREFIX).removesuffix("_FILE").lower() not in Settings.model_fields:
        assert [path for path in CODE if name in path.read_text() and path.name != "test_operations.py"]


def test_every_command_that_is_named_exists() -> None:
    named = re.findall(r"`(?:python -m api )?([a-z-]+)(?: [^`]*)?`", OPERATIONS)
    assert set(re.findall(r"python -m api ([a-z-]+)", OPERATIONS)) <= set(COMMANDS)
    assert set(COMMANDS) - set(named) <= {"run", "openapi", "version"}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", OPERATIONS + README)) <= targets


def test_every_bound_that_is_named_is_the_code_s() -> None:
    words = " ".join(OPERATIONS.split())
    assert f"blind for more than {readiness.BLIND_TOO_LONG_SECONDS:.0f} s" in words
    assert f"answers in {readiness.ANSWER_WITHIN_SECONDS:.0f} s" in words
    assert f"Beyond {BLIND_AFTER_SECONDS:.0f} its live screens" in words
    assert f"newest {EVENTS_KEPT:,} events" in words
    assert (POLL_SECONDS, "four times a second" in words) == (0.25, True)
    assert f"Sessions last {LIFETIMES[SessionKind.web] // timedelta(hours=1)} hours on the web" in words
    assert f"{LIFETIMES[SessionKind.app] // timedelta(days=1)} days in an app" in words
    assert f"{WEB_IDLE // timedelta(minutes=1)} minutes without use" in words
    assert f"held from {FIRST_ONLINE} on" in words
    assert f"Schemas from {OLDEST_UPGRADED} " in words
    assert f"waits {GONE_WITHIN_SECONDS:.0f} s for those that were just ended" in words
    assert f"after {GREATEST_LIFETIME // timedelta(minutes=1)} minutes" in words


@pytest.mark.parametrize("text", [OPERATIONS, README], ids=["operations", "README"])
def test_every_place_that_is_named_exists(text: str) -> None:
    folder = ROOT / "docs" if text is OPERATIONS else ROOT
    links = [link for link in re.findall(r"\]\((?!https?:)([^)#]+)", text) if not (folder / link).exists()]
    named = re.findall(r"`((?:api|domain|integrations|deploy|docs|demo)/[\w./-]+)`", text)
    assert links + [path for path in named if not (ROOT / path).exists()] == []
