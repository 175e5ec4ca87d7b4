"""What openapi.yaml promises, as it is stored."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import yaml

from tests.architecture.source import ROOT

PROMISE = ROOT / "openapi.yaml"


def promise() -> dict[str, Any]:
    """Return the whole promise, which the caller may change."""
    return copy.deepcopy(_read())


@cache
def _read() -> dict[str, Any]:
    # libyaml's own parser: Python's takes five times as long, most of a second.
    loader = yaml.CSafeLoader(PROMISE.read_text())
    try:
        read: dict[str, Any] = loader.get_single_data()
        return read
    finally:
        loader.dispose()
