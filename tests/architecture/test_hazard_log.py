"""Each hazard's controls are tied to tests that exist."""

from __future__ import annotations

import re

from tests.architecture.source import ROOT, names_of_tests

LOG = (ROOT / "docs/safety/hazard-log.md").read_text()
HAZARDS = re.split(r"^## (?=H\d+\.)", LOG, flags=re.MULTILINE)[1:]


def test_every_hazard_names_tests_that_exist() -> None:
    assert HAZARDS
    for hazard in HAZARDS:
        shown_by = hazard.split("**Shown by**", 1)[1].split("- **Left**", 1)[0]
        named = set(re.findall(r"`(test_\w+)`", shown_by))
        assert named, hazard.splitlines()[0]
        assert named <= names_of_tests(), named - names_of_tests()


def test_every_hazard_has_cause_effect_controls_and_what_is_left() -> None:
    for hazard in HAZARDS:
        for part in ("**Cause**", "**Effect and harm**", "**Controls**", "**Shown by**", "**Left**", "risk"):
            assert part in hazard, (part, hazard.splitlines()[0])
