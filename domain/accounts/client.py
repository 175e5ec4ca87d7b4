"""On what somebody signs in, as far as a session keeps it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.accounts.session_age import SessionKind


@dataclass(frozen=True, slots=True)
class Client:
    """The ages that were asked for, words for its owner, and the hash of the installation's own id if it gave one."""

    kind: SessionKind = SessionKind.web
    label: str = ""
    device_hash: bytes | None = field(default=None, repr=False)
