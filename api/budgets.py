"""How much one account, or one address without one, may ask of this process in a minute: protection from floods.

Counted in this process's memory, so of two nodes each allows as much: a count that all share would cost every request
a write to the database (0.3 ms and a row lock on the busiest account), and what it protects is this very process. What
is a promise (tries at a password, files waiting, open goals) is counted in PostgreSQL, by the command that it guards.

Generic cell rate algorithm: one number a key, no timer, about a microsecond. Told by the headers of
draft-ietf-httpapi-ratelimit-headers.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.refusals import TooManyRequests

WINDOW_SECONDS = 60
# Forgotten when so many others came since: whoever is forgotten has a full budget again. About 20 MB.
MOST_KEYS = 100_000
_STATE_KEY, _OWED_KEY = "rate_limit", "rate_owed"
_READS = frozenset({"GET", "HEAD"})
# Counted by what they hold, and by what they cost, beside or instead of the count of requests.
_BY_READINGS, _EXPORTS = frozenset({"post_observations"}), frozenset({"get_outcome_summary"})
_V6_SITE = 64  # bits: one subscriber has all addresses below them

Key = tuple[str, object]
Scope = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rates:
    """How much is allowed in a minute; 0 for whatever is not to be limited."""

    reads: int = 0
    writes: int = 0
    readings: int = 0
    exports: int = 0
    address: int = 0


@dataclass(slots=True)
class Budgets:
    """What each account and address has used of its budgets, as far as this process knows."""

    rates: Rates
    now: Callable[[], float] = time.monotonic
    most_keys: int = MOST_KEYS
    _used_up_at: OrderedDict[Key, float] = field(default_factory=OrderedDict)

    def charge(self, scope: Scope, account_id: UUID) -> None:
        """Count one request of an account. Raises TooManyRequests."""
        _settle(scope)
        operation = getattr(scope.get("route"), "name", "")
        if operation in _EXPORTS:
            self._take(scope, "export", account_id, self.rates.exports, 1)
        if scope["method"] in _READS:
            self._take(scope, "read", account_id, self.rates.reads, 1)
        elif operation not in _BY_READINGS:
            self._take(scope, "write", account_id, self.rates.writes, 1)

    def charge_readings(self, scope: Scope, account_id: UUID, readings: int) -> None:
        """Count the readings that an account sends. Raises TooManyRequests, and then none of them is taken."""
        self._take(scope, "readings", account_id, self.rates.readings, readings)

    def charge_address(self, scope: Scope) -> None:
        """Count one request of nobody who is known, by where it comes from. Raises TooManyRequests."""
        _settle(scope)
        self._take(scope, "address", _place(scope), self.rates.address, 1)

    def _take(self, scope: Scope, policy: str, who: object, quota: int, cost: int) -> None:
        if not quota:
            return
        now, each, key = self.now(), WINDOW_SECONDS / quota, (policy, who)
        used_up_at = max(now, self._used_up_at.get(key, now))
        after = used_up_at + each * cost
        # A full budget takes one thing of any size: a batch larger than the quota must not be refused for ever.
        refused = after - now > WINDOW_SECONDS and used_up_at > now
        if not refused:
            used_up_at = min(after, now + WINDOW_SECONDS)
            self._keep(key, used_up_at)
        waiting = used_up_at - now
        left = max(0, math.floor((WINDOW_SECONDS - waiting) / each + 1e-6))
        taken: dict[str, tuple[str, str]] = scope.setdefault("state", {}).setdefault(_STATE_KEY, {})
        taken[policy] = (f'"{policy}";q={quota};w={WINDOW_SECONDS}', f'"{policy}";r={left};t={math.ceil(waiting)}')
        if refused:
            raise TooManyRequests(max(1, math.ceil(min(after, now + waiting + WINDOW_SECONDS) - now - WINDOW_SECONDS)))

    def _keep(self, key: Key, used_up_at: float) -> None:
        self._used_up_at[key] = used_up_at
        self._used_up_at.move_to_end(key)
        if len(self._used_up_at) > self.most_keys:
            self._used_up_at.popitem(last=False)


def owe(scope: Scope) -> None:
    """Note that a request was let on before anybody knew whose it is: it is to be counted further in."""
    scope.setdefault("state", {})[_OWED_KEY] = True


def is_owed(scope: Scope) -> bool:
    """Return whether a request is still to be counted, by an account or by an address."""
    return bool(scope.get("state", {}).get(_OWED_KEY))


def _settle(scope: Scope) -> None:
    scope.setdefault("state", {})[_OWED_KEY] = False


def told(scope: Scope) -> tuple[str, str] | None:
    """Return RateLimit-Policy and RateLimit of a request: lists, of each budget that it was taken from."""
    taken = scope.get("state", {}).get(_STATE_KEY)
    if not taken:
        return None
    policies, left = zip(*taken.values(), strict=True)
    return ", ".join(policies), ", ".join(left)


def _place(scope: Scope) -> str:
    """Return the address that a request comes from (a trusted proxy's word is in it already), of IPv6 the site."""
    client = scope.get("client")
    try:
        address = ipaddress.ip_address(client[0] if client else "")
    except ValueError:
        return ""  # a local socket
    if address.version == 4:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, _V6_SITE), strict=False))
