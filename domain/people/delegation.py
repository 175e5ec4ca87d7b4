"""Acting for somebody: on which ground of law, with which scopes, until when; and the code by which it is handed over.

Pure; it knows no rows. A delegation is offered by a code that the person, or their practice, hands over: who types an
e-mail address into a form would learn from the answer who has an account.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from domain.clock import LONDON, london_date
from domain.errors import Fault, Invalid
from domain.people.permission import Scope
from domain.readable_code import as_meant

CODE_LIFETIME = timedelta(days=7)
LATEST_START = timedelta(days=366)
LONGEST = timedelta(days=5 * 366)
# Long enough to see the person, a colleague or a court's paper again.
REMINDED_BEFORE = timedelta(days=14)
LONGEST_REVIEW = timedelta(days=366)  # a judgement about capacity or about a child's interest does not keep
# Family Law Reform Act 1969 s.8: from 16 on a young person consents for themself. The Mental Capacity Act 2005 applies
# from 16 on (s.2(5)); a lasting power of attorney is made by an adult (s.9(2)(c)).
DECIDES_FROM_AGE, POWER_FROM_AGE = 16, 18


class Ground(StrEnum):
    """By what right somebody acts for another person."""

    consent = "consent"  # the person's own
    parental_responsibility = "parental_responsibility"  # Children Act 1989 s.3
    lasting_power_of_attorney = "lasting_power_of_attorney"  # health and welfare; Mental Capacity Act 2005 s.9
    court_deputy = "court_deputy"  # Mental Capacity Act 2005 s.16
    best_interests = "best_interests"  # Mental Capacity Act 2005 s.4: helps, but decides nothing


class Relationship(StrEnum):
    """Who the delegate is to the person."""

    parent = "parent"
    partner = "partner"
    family = "family"
    friend = "friend"
    carer = "carer"
    attorney = "attorney"
    deputy = "deputy"
    other = "other"


class DelegationEnd(StrEnum):
    """Why a delegation was ended."""

    no_longer_wanted = "no_longer_wanted"
    relationship_ended = "relationship_ended"
    capacity_regained = "capacity_regained"
    safeguarding = "safeguarding"
    delegate_left = "delegate_left"
    consent_withdrawn = "consent_withdrawn"
    replaced = "replaced"


# Who may decide in the person's place, by law.
DECIDING = frozenset({Ground.parental_responsibility, Ground.lasting_power_of_attorney, Ground.court_deputy})
_AGES: Mapping[Ground, tuple[int, int]] = MappingProxyType(
    {
        Ground.parental_responsibility: (0, DECIDES_FROM_AGE),
        Ground.lasting_power_of_attorney: (POWER_FROM_AGE, 200),
        Ground.court_deputy: (DECIDES_FROM_AGE, 200),
        Ground.best_interests: (DECIDES_FROM_AGE, 200),
    }
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a delegate may do, and when: from now on without `from_at`, and until it is ended without `until_at`."""

    relationship: Relationship
    scopes: frozenset[Scope]
    from_at: datetime | None
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class ByLaw:
    """Why somebody acts who was not asked to by the person: the ground, what was seen, and when to look again."""

    ground: Ground
    evidence: str
    review_on: date


@dataclass(frozen=True, slots=True)
class Span:
    """From an instant up to, not including, another; None: until it is ended."""

    from_at: datetime
    until_at: datetime | None


def code_hash(code: str) -> bytes:
    """Return what is stored of a code that is handed over, however it is typed."""
    return hashlib.sha256(b"tendwell delegation 1\0" + as_meant(code).encode()).digest()


def span_by_consent(terms: Terms, at: datetime) -> Span:
    """Return from when to when a delegation that the person offers holds. Raises Invalid."""
    if Scope.decide in terms.scopes:
        fault = Fault("/scopes", "scope_by_law_only", "Only somebody the law appoints decides in your place.")
        raise Invalid("The delegate cannot be given this.", [fault])
    return _span(terms, at)


def span_by_law(terms: Terms, law: ByLaw, born_on: date, at: datetime) -> Span:
    """Return from when to when a delegation that a practice records holds: it ends by itself on the day of review.

    A parent's ends on the child's sixteenth birthday at the latest. Raises Invalid.
    """
    today = london_date(at)
    youngest, below = _AGES.get(law.ground, (0, 0))
    if not _birthday(born_on, youngest) <= today < _birthday(born_on, below):
        fault = Fault("/ground", "ground_not_at_this_age", "This ground does not hold at the person's age.")
        raise Invalid("The delegate cannot be recorded on this ground.", [fault])
    if Scope.decide in terms.scopes and law.ground not in DECIDING:
        fault = Fault("/scopes", "scope_by_law_only", "Who acts in somebody's best interests decides nothing for them.")
        raise Invalid("The delegate cannot be given this.", [fault])
    if not today < law.review_on <= today + LONGEST_REVIEW:
        fault = Fault("/review_on", "implausible", "Give a day from tomorrow up to a year ahead.")
        raise Invalid("A delegate recorded by law is reviewed.", [fault])
    span = _span(terms, at)
    last = min(law.review_on + timedelta(days=1), _birthday(born_on, below))
    ends = [end for end in (span.until_at, _midnight(last)) if end is not None]
    if min(ends) <= span.from_at:
        raise Invalid("No such time.", [Fault("/from_at", "implausible", "It would end before it begins.")])
    return Span(span.from_at, min(ends))


def _span(terms: Terms, at: datetime) -> Span:
    from_at = max(terms.from_at or at, at)
    if from_at > at + LATEST_START:
        raise Invalid("No such time.", [Fault("/from_at", "implausible", "Give a time within a year ahead.")])
    if terms.until_at is not None and not from_at < terms.until_at <= at + LONGEST:
        fault = Fault("/until_at", "implausible", "Give a time after the start, within five years.")
        raise Invalid("No such time.", [fault])
    return Span(from_at, terms.until_at)


def _birthday(born_on: date, age: int) -> date:
    """Return the day on which somebody reaches an age; who was born on 29 February does so on 1 March."""
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 3, 1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON)
