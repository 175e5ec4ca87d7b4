"""What the demo is told from outside: the service's addresses, the administrator, and where to keep its file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

ADDRESSES = "TENDWELL_URL"
ADMIN_EMAIL, ADMIN_PASSWORD = "TENDWELL_DEMO_ADMIN_EMAIL", "TENDWELL_DEMO_ADMIN_PASSWORD"
FILE = "TENDWELL_DEMO_SECRETS"
LIVELY_MINUTES = "TENDWELL_DEMO_LIVELY_MINUTES"
# Long enough for anybody who watches. Every second for a whole day, twelve monitors would fill 2.4 GB.
USUAL_LIVELY_MINUTES = "30"
_MOST_LIVELY_MINUTES = 7 * 24 * 60


class Missing(Exception):
    """A variable of the environment that this command needs is not set, or not as it should be."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The demo's settings. The administrator is needed to load, and shown among the sign-ins where known."""

    addresses: tuple[str, ...]
    file: Path
    admin_email: str
    admin_password: str = field(repr=False)
    lively: timedelta = timedelta(minutes=int(USUAL_LIVELY_MINUTES))


def surroundings(environment: Mapping[str, str]) -> Surroundings:
    """Return the settings found in the environment. Raises Missing."""
    addresses = tuple(filter(None, (part.strip() for part in environment.get(ADDRESSES, "").split(","))))
    if not addresses:
        raise Missing(f"{ADDRESSES} must name the service, such as http://127.0.0.1:8000 (several: comma separated)")
    if not environment.get(FILE):
        raise Missing(f"{FILE} must name the file in which the demo keeps its passwords")
    return Surroundings(
        addresses,
        Path(environment[FILE]),
        environment.get(ADMIN_EMAIL, ""),
        environment.get(ADMIN_PASSWORD, ""),
        _lively(environment.get(LIVELY_MINUTES) or USUAL_LIVELY_MINUTES),
    )


def secrets_file(environment: Mapping[str, str]) -> Path:
    """Return the file in which the demo keeps its secrets: the one named, or that of `make run` in this folder."""
    folder = Path(environment.get("TENDWELL_DATA_DIR") or ".tendwell")
    return Path(environment.get(FILE) or folder / "secrets" / "demo.json")


def _lively(minutes: str) -> timedelta:
    if not minutes.isascii() or not minutes.isdigit() or int(minutes) > _MOST_LIVELY_MINUTES:
        raise Missing(f"{LIVELY_MINUTES} must be a whole number of minutes, up to a week of them")
    return timedelta(minutes=int(minutes))
