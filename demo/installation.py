"""What one installation of the demo remembers: passwords, an authenticator app, and what its history is dated from.

One file, readable by its owner only, beside the installation's other data. Refuses to know the service.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

PASSWORD_BYTES = 15  # 20 characters, 120 bits: nobody needs to remember it


@dataclass(frozen=True, slots=True)
class Installation:
    """Passwords and apps' secrets by e-mail address, and the instant (UTC) that "yesterday" is counted from.

    `settled`: whose account has that password, and no longer the one that was given out with it. `refused`: whose
    password the service has refused since, with a fingerprint of it: that one is not tried again, another would be.
    """

    dated_from: datetime
    passwords: dict[str, str]
    authenticators: dict[str, str] = field(default_factory=dict)
    settled: tuple[str, ...] = ()
    refused: dict[str, str] = field(default_factory=dict)

    def was_refused(self, email: str, password: str) -> bool:
        """Return whether the service has refused this very password of somebody."""
        return self.refused.get(email) == _fingerprint(password)


def read(path: Path) -> Installation | None:
    """Return what the file remembers, or None when there is none yet."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Installation(
        datetime.fromisoformat(held["dated_from"]),
        dict(held["passwords"]),
        dict(held.get("authenticators", {})),
        tuple(held.get("settled", ())),
        dict(held.get("refused", {})),
    )


def ensure(path: Path, emails: Iterable[str], *, at: datetime, fresh: bool) -> Installation:
    """Return the installation, made or completed if need be; `fresh` (an empty service) dates its history anew.

    Passwords are kept for ever: an account made before an interruption must still open.
    """
    held = read(path)
    passwords = dict(held.passwords) if held else {}
    for email in emails:
        passwords.setdefault(email, secrets.token_urlsafe(PASSWORD_BYTES))
    dated_from = at if held is None or fresh else held.dated_from
    wanted = Installation(dated_from, passwords)
    if held is not None and not fresh:
        wanted = replace(wanted, authenticators=held.authenticators, settled=held.settled, refused=held.refused)
    if wanted != held:
        _write(path, wanted)
    return wanted


def remember_authenticator(path: Path, email: str, secret: str) -> None:
    """Keep the secret of somebody's authenticator app; raises FileNotFoundError where nothing is installed."""
    held = _held(path)
    _write(path, replace(held, authenticators=held.authenticators | {email: secret}))


def remember_settled(path: Path, email: str) -> None:
    """Keep in mind that somebody has chosen their own password."""
    held = _held(path)
    _write(path, replace(held, settled=(*held.settled, email)))


def remember_refused(path: Path, email: str, password: str) -> None:
    """Keep in mind that a password was refused; nothing where nothing is installed yet."""
    held = read(path)
    if held is not None:
        _write(path, replace(held, refused=held.refused | {email: _fingerprint(password)}))


def is_settled(path: Path, email: str) -> bool:
    """Return whether somebody has chosen their own password."""
    return email in _held(path).settled


def _fingerprint(password: str) -> str:
    return hashlib.sha256(password.encode()).hexdigest()[:16]


def _held(path: Path) -> Installation:
    held = read(path)
    if held is None:
        raise FileNotFoundError(path)
    return held


def _write(path: Path, installation: Installation) -> None:
    """Put the file in place whole, mode 0600 from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(installation) | {"dated_from": installation.dated_from.isoformat()}, file, indent=1)
        os.fsync(file.fileno())
    draft.replace(path)
