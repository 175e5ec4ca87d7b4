"""How many wrong guesses are let through, and how long the next one waits. Pure: it reaches no database.

Guesses are counted before they are checked, so that forty at once are forty. A known device has an allowance of its
own, so that a stranger's guesses never lock out the person (OWASP device cookies, ASVS 6.1.1); everybody else shares
the account's, of at most 100 failures in a row (NIST SP 800-63B-4, 3.2.2), and their network address's.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

PURPOSE = "throttle"
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
# Failures are forgotten when nobody has guessed for as long as this.
FORGOTTEN_AFTER = timedelta(days=30)


class Scope(StrEnum):
    """Whose failures are counted together."""

    account = "account"
    address = "address"
    device = "device"
    session = "session"
    second_factor = "second_factor"
    second_factor_freed = "second_factor_freed"
    reset = "reset"
    reset_from = "reset_from"
    invitation = "invitation"


@dataclass(frozen=True, slots=True)
class Rule:
    """How many failures go without a wait, how many there may be in all, and after what pause they count anew."""

    free: int
    most: int | None = None
    counts_anew_after: timedelta = FORGOTTEN_AFTER


RULES: Mapping[Scope, Rule] = {
    Scope.account: Rule(free=5, most=100),
    # A known device that was stolen, or whose owner cannot remember: after this it counts as any other.
    Scope.device: Rule(free=10, most=20),
    # A whole practice may come from one address: it bounds who tries one password on many accounts.
    Scope.address: Rule(free=100, counts_anew_after=timedelta(minutes=15)),
    # Of the password change: whoever holds a session may not guess its owner's password.
    Scope.session: Rule(free=5),
    # Of one account's codes, whichever sign-in they are shown in: who guesses here has the password already. Of 10^6
    # codes three are good at a time (totp.STEPS_OF_DRIFT): a hundred guesses find one with a chance of 1 in 3,333.
    Scope.second_factor: Rule(free=5, most=100),
    # How often a new password begins that count anew: whoever has the mailbox too could have one with every letter.
    Scope.second_factor_freed: Rule(free=3, most=3),
    # At the date of birth of whom a letter invites to their record: whoever reads the letter may not try them all.
    Scope.invitation: Rule(free=5, most=20),
    # Of letters to one address that somebody types as their own: a mailbox is not to be flooded.
    Scope.reset: Rule(free=3, counts_anew_after=timedelta(hours=24)),
    # And from one network address, which may be a practice's.
    Scope.reset_from: Rule(free=20, counts_anew_after=timedelta(hours=1)),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures in a row, and when the last was."""

    failures: int
    last_failed_at: datetime


def counted(scope: Scope, tally: Tally, at: datetime) -> Tally:
    """Return the tally with one more attempt, taken for a failure until it turns out to be none."""
    return Tally(_still_counted(scope, tally, at) + 1, max(at, tally.last_failed_at))


def uncounted(tally: Tally, *, before: Tally, counted_at: datetime) -> Tally:
    """Return the tally without an attempt that was no failure, as if it had never been made.

    `before`, `counted_at`: what there was until then, and its time. Whoever failed after it stays the last who did.
    """
    last = before.last_failed_at if tally.last_failed_at == counted_at else tally.last_failed_at
    return Tally(max(0, tally.failures - 1), last)


def forgiven(tally: Tally) -> Tally:
    """Return the tally after what was right: the failures before it were the same person's."""
    return replace(tally, failures=0)


def is_one_person_s(scope: Scope) -> bool:
    """Return whether all failures of this scope are of one who has proven something already: the right one forgives.

    An address that was typed, and a network, are anybody's. Would its holder's success change what a stranger gets who
    guesses at an account, that would tell them that there is one: at an address that nobody has, nobody succeeds.
    """
    return scope in {Scope.device, Scope.session, Scope.second_factor}


def is_exhausted(scope: Scope, tally: Tally) -> bool:
    """Return whether there have been as many failures as there may ever be."""
    most = RULES[scope].most
    return most is not None and tally.failures >= most


def wait_of(scope: Scope, tally: Tally, at: datetime) -> timedelta:
    """Return for how long the next attempt must wait; zero when it need not."""
    failures = _still_counted(scope, tally, at)
    if is_exhausted(scope, replace(tally, failures=failures)):
        return LONGEST_WAIT
    wait = _wait_after(RULES[scope], failures)
    # Of two at once the second may have looked at its clock first: without a wait to serve that is no reason for one.
    return max(timedelta(), tally.last_failed_at + wait - at) if wait else wait


def _still_counted(scope: Scope, tally: Tally, at: datetime) -> int:
    return 0 if at - tally.last_failed_at > RULES[scope].counts_anew_after else tally.failures


def _wait_after(rule: Rule, failures: int) -> timedelta:
    beyond = failures - rule.free
    return timedelta() if beyond < 0 else min(FIRST_WAIT * 2 ** min(beyond, 16), LONGEST_WAIT)


def heaviest(scope: Scope, tallies: Iterable[Tally], at: datetime) -> Tally:
    """Return, of the tallies of one thing under several keys, the one that counts most."""
    return max(tallies, key=lambda tally: (_still_counted(scope, tally, at), tally.last_failed_at))


def marks_under(keys: Sequence[bytes], scope: Scope, value: bytes) -> tuple[bytes, ...]:
    """Return under what something is counted: under each key, or a new one would begin all counts anew."""
    return tuple(mark(key, scope, value) for key in keys)


def mark(key: bytes, scope: Scope, value: bytes) -> bytes:
    """Return what is stored instead of an address or a name: neither can be had back from it without the key."""
    return hmac.digest(key, scope.value.encode() + b"\0" + value, sha256)


def network_of(address: str) -> str:
    """Return what counts as one network address: an IPv4 address, or the /64 that one IPv6 customer has whole."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped or ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
