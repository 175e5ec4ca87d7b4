"""Where no cable can be laid the fault is not brought on, and says what the machine lacks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.faults.cable import why_not


def test_a_machine_without_the_programs_is_told_which_package_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "ip" else f"/usr/bin/{name}")
    assert why_not(tmp_path) == "needs the distribution's iproute2"


def test_whoever_is_not_root_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert why_not(tmp_path) == "network namespaces need root"
