"""How long a sign-in lasts: NHS login's published session rules (session-management, 2026-05-01). Pure.

On the web, or in an app that does not check its user itself: sign in again after 30 minutes without use, and after 12
hours in all. In an app that does (fingerprint, face or PIN at every opening), sign in again after 30 days: the checks
between are the phone's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

SESSION_ENDED: Final = "This session has ended. Sign in again."
"""What is said to whoever shows one that does not stand any more, wherever they show it."""


class SessionKind(StrEnum):
    """Where a person signed in, as far as the ages of a session go."""

    web = "web"
    app = "app"


LIFETIMES: Mapping[SessionKind, timedelta] = {
    SessionKind.web: timedelta(hours=12),
    SessionKind.app: timedelta(days=30),
}
WEB_IDLE = timedelta(minutes=30)
IDLE: Mapping[SessionKind, timedelta | None] = {SessionKind.web: WEB_IDLE, SessionKind.app: None}


def idle_since(at: datetime) -> datetime:
    """Return the instant at or before which a web session's last use lets it lapse."""
    return at - WEB_IDLE
