"""The lock files as values: which packages, at which version, with which hashes, needed by what.

Refuses to know what is installed, and asks no registry.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RUNTIME_LOCK, DEV_LOCK = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
CONSOLE_LOCK = ROOT / "console" / "package-lock.json"
# The console's, that of the OpenID provider which tests run, and that of the linter of openapi.yaml.
NPM_LOCKS = (CONSOLE_LOCK, *(ROOT / "tests" / place / "package-lock.json" for place in ("provider", "spectral")))
US = "tendwell"

_ENTRY = re.compile(
    r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)(?: ; (?P<marker>[^\\\n]+?))? \\\n"
    r"(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)"
    r"(?P<via>(?:    #[^\n]*\n?)*)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Locked:
    """One line of a lock: `needed_by` are the names of those that ask for it."""

    kind: str
    name: str
    version: str
    hashes: tuple[str, ...]
    needed_by: frozenset[str]
    is_runtime: bool
    licence: str | None = None
    marker: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what tells it from every other: where it comes from, its name and its version."""
        return self.kind, self.name, self.version


def entries(lock: str) -> Iterator[re.Match[str]]:
    """Yield each requirement of a lock's text with its hashes and why it is there."""
    return _ENTRY.finditer(lock)


def python_packages() -> list[Locked]:
    """Return what the two Python locks name, by name; `is_runtime`: an image of ours holds it."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]["local"]
    local = {re.split(r"[<>=]", each)[0] for each in asked}  # what an image is freed of again
    runtime = {found["name"] for found in entries(RUNTIME_LOCK.read_text())} - local
    return [
        Locked(
            kind="pypi",
            name=found["name"],
            version=found["version"],
            hashes=tuple(re.findall(r"sha256:([0-9a-f]{64})", found["hashes"])),
            needed_by=frozenset(_needed_by(found["via"])),
            is_runtime=found["name"] in runtime,
            marker=found["marker"],
        )
        for found in entries(DEV_LOCK.read_text())
    ]


def _needed_by(via: str) -> Iterator[str]:
    for line in via.splitlines():
        word = line.strip().removeprefix("#").strip().removeprefix("via").strip()
        if word:
            yield US if word.startswith(f"{US} (") else word


def npm_packages(lock: Path | None = None) -> list[Locked]:
    """Return what one of npm's locks names, by the place at which npm puts it; of all of them, each once."""
    if lock is None:
        return list({package.key: package for each in reversed(NPM_LOCKS) for package in npm_packages(each)}.values())
    places: Mapping[str, Any] = json.loads(lock.read_text())["packages"]
    asked: dict[str, set[str]] = {place: set() for place in places}
    for place, entry in places.items():
        for field in ("dependencies", "devDependencies", "optionalDependencies"):
            for name in entry.get(field, {}):
                found = _resolved(places, place, name)
                if found is not None:
                    asked[found].add(_name(place) if place else US)
    return [
        Locked(
            kind="npm",
            name=_name(place),
            version=entry["version"],
            hashes=(entry.get("integrity", ""),),
            needed_by=frozenset(asked[place]),
            is_runtime=not (entry.get("dev") or entry.get("devOptional")),
            licence=entry.get("license"),
        )
        for place, entry in places.items()
        if place
    ]


def _name(place: str) -> str:
    return place.rpartition("node_modules/")[2]


def _resolved(places: Mapping[str, Any], place: str, name: str) -> str | None:
    """Return where Node would find this package from that place: beside it, or in any folder above."""
    while True:
        found = f"{place}/node_modules/{name}".lstrip("/")
        if found in places:
            return found
        if not place:
            return None
        place = place.rpartition("node_modules/")[0].rstrip("/")
