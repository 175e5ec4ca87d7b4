"""What is read of answers of which one cannot wait, whatever else of them would be refused, and as of when. Pure.

Such answers raise an alert that nobody raises while they lie refused on a telephone: its clock, the version that it
showed, or a question that is not known here are no reason to keep somebody waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from domain.instant import NotAnInstant, objection_to_instant, parse_instant
from domain.questionnaires.answers import Answer, Answered, as_json, read_in_part
from domain.questionnaires.catalogue import Instrument
from domain.questionnaires.response import Unread

# A phone that keeps its owner's record keeps them signed in for so long: what is older by its clock was not waiting.
MOST_WAITED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Reading:
    """The answers that fit the instrument in use, those that do not, and whether one of either cannot wait."""

    fits: Answered
    not_read: tuple[Unread, ...]
    cannot_wait: bool


@dataclass(frozen=True, slots=True)
class When:
    """As of when answers are kept; `stated` is what was stated instead, as written, where that could not have been."""

    at: datetime
    stated: str | None = None


def whatever_is_read(instrument: Instrument, given: Sequence[Answer]) -> Reading:
    """Return what can be read of the answers by the instrument in use; refuses nothing."""
    urgent_first = sorted(given, key=lambda each: not _says_so(instrument, each))
    fits, left = read_in_part(instrument.questionnaire, urgent_first)
    not_read = sorted((Unread(each.link_id, _as_stored(each.value)) for each in left), key=str)
    return Reading(fits, tuple(not_read), any(_says_so(instrument, each) for each in given))


def when_answered(stated: str, *, received_at: datetime, sent_at: datetime | None, born_on: date) -> When:
    """Return as of when answers that cannot wait are kept: as stated, if that can have been.

    Otherwise as the sender's clock, wrong as it was, tells how long ago it was (`sent_at`: what it showed when they
    were sent); and where that cannot have been either, when they were received. In the offset that was stated.
    """
    try:
        said = parse_instant(stated)
    except NotAnInstant:
        return When(received_at, stated)
    if objection_to_instant(said, received_at=received_at, born_on=born_on) is None:
        return When(said)
    if sent_at is not None and sent_at - said <= MOST_WAITED:
        corrected = said + (received_at - sent_at)
        if objection_to_instant(corrected, received_at=received_at, born_on=born_on) is None:
            return When(corrected, stated)
    return When(received_at.astimezone(said.tzinfo), stated)


def as_one(stated: str) -> str:
    """Return a time as it was written in the one way in which every writing of that instant is the same."""
    try:
        return parse_instant(stated).astimezone(UTC).isoformat()
    except NotAnInstant:
        return stated


def _says_so(instrument: Instrument, given: Answer) -> bool:
    """Return whether it answers the question that cannot wait by more than no, in a known way or by number."""
    safety = instrument.safety
    if safety is None or given.link_id != safety.link_id:
        return False
    fits, _ = read_in_part(instrument.questionnaire, [given])
    if fits.answers:
        return instrument.cannot_wait(fits.answers)
    # True, and a score that no option has: of another version, or of another scale.
    return isinstance(given.value, int | Decimal) and not Decimal(given.value).is_nan() and given.value > 0


def _as_stored(value: object) -> str | int | bool:
    return as_json(value) if isinstance(value, str | int | Decimal) else str(value)
