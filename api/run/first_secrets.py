"""The secrets of one installation, made on its first run and readable by its owner only. Never printed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

_SECRET_BYTES = 32
_PASSWORD_BYTES = 15  # 20 characters


def secret_files(folder: Path) -> dict[str, str]:
    """Return the variables that name the secrets' files, which are made if they are not there yet.

    A folder of before 0.2 holds a signing key as a file: such keys are in the database now, and the file opens nothing.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "signing_key").unlink(missing_ok=True)
    made: dict[str, Callable[[], str]] = {
        "encryption_key": new_secret,
        "refresh_secret": new_secret,
        "cursor_secret": new_secret,
    }
    return {f"TENDWELL_{name.upper()}_FILE": str(_kept(folder / name, make)) for name, make in made.items()}


def administrator_password(folder: Path) -> str:
    """Return the password of the demo's administrator, made on first use."""
    return _kept(folder / "administrator_password", lambda: secrets.token_urlsafe(_PASSWORD_BYTES)).read_text()


def new_secret() -> str:
    """Return 32 random bytes as text."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def _kept(path: Path, make: Callable[[], str]) -> Path:
    """Return the path with its content in place. Written whole and moved: a kill half-way leaves no empty secret."""
    if not path.exists():
        unfinished = path.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(make())
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    return path
