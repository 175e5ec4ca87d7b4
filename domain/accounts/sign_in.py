"""What signing in asks for after the password, or after the identity provider: pure, decided from what is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

# A sign-in token (what a right password gives when more is needed) takes this many wrong codes.
MOST_ATTEMPTS = 5


class FactorRule(StrEnum):
    """Who must have a second factor: all staff, or only who has enrolled one (for trying the product out)."""

    required_for_staff = "required_for_staff"
    when_enrolled = "when_enrolled"


class Method(StrEnum):
    """A way to show the second factor."""

    totp = "totp"
    recovery_code = "recovery_code"
    passkey = "passkey"


class Step(StrEnum):
    """What a sign-in waits for after the password."""

    new_password = "new_password_required"
    second_factor = "second_factor_required"
    enrolment = "enrolment_required"


# And lives this long. Who sets something up has an app to find first, or words to think of; a code is at hand.
SIGN_IN_TOKEN_LIFETIMES: Mapping[Step, timedelta] = {
    Step.second_factor: timedelta(minutes=5),
    Step.new_password: timedelta(minutes=15),
    Step.enrolment: timedelta(minutes=15),
}


class Means(StrEnum):
    """What a session was opened with."""

    password = "password"
    password_and_totp = "password_and_totp"
    password_and_recovery_code = "password_and_recovery_code"
    passkey = "passkey"
    provider = "provider"
    provider_and_totp = "provider_and_totp"
    provider_and_recovery_code = "provider_and_recovery_code"

    @property
    def has_factor(self) -> bool:
        """Return whether a second factor of ours was shown; a passkey is one, as its user was verified."""
        return self not in {Means.password, Means.provider}

    def together_with(self, factor: Means) -> Means:
        """Return what this, shown first, and a second factor are together."""
        return _AFTER_PROVIDER.get(factor, factor) if self is Means.provider else factor


_AFTER_PROVIDER: Mapping[Means, Means] = {
    Means.password_and_totp: Means.provider_and_totp,
    Means.password_and_recovery_code: Means.provider_and_recovery_code,
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is stored of an account that decides how it signs in. Staff: who holds, or has held, a role."""

    is_staff: bool
    has_totp: bool
    has_passkey: bool
    has_recovery_code: bool
    must_change_password: bool

    @property
    def has_factor(self) -> bool:
        """Return whether a second factor stands; recovery codes alone are none, for they only replace one."""
        return self.has_totp or self.has_passkey


def step_after_password(standing: Standing, rule: FactorRule) -> Step | None:
    """Return what is still needed after the right password; None when it is enough.

    A password that somebody else knows is changed first; but not by who cannot show a factor that stands.
    """
    if standing.has_factor:
        return Step.second_factor
    if standing.must_change_password:
        return Step.new_password
    if standing.is_staff and rule is FactorRule.required_for_staff:
        return Step.enrolment
    return None


def step_after_provider(standing: Standing, rule: FactorRule) -> Step | None:
    """Return what is still needed after the identity provider; None when it is enough.

    A patient has shown two factors there. Staff show one of ours as well: a citizen's login proves who somebody is, not
    that they still answer for a role in which everybody's records are read.
    """
    if not standing.is_staff:
        return None
    if standing.has_factor:
        return Step.second_factor
    return Step.enrolment if rule is FactorRule.required_for_staff else None


def methods(standing: Standing, step: Step) -> tuple[Method, ...]:
    """Return the ways in which the step can be taken."""
    if step is Step.enrolment:
        return (Method.totp,)
    if step is Step.new_password:
        return ()
    held = {
        Method.totp: standing.has_totp,
        Method.recovery_code: standing.has_recovery_code,
        Method.passkey: standing.has_passkey,
    }
    return tuple(method for method, has in held.items() if has)
