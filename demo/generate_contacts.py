"""Synthetic uses of services, before and since enrolment: `python -m demo.generate_contacts`. No real event is in them.

Every resident of a home is enrolled on the home's go-live day, whatever happened before, so there is nobody selected
for having been high and no regression to the mean to mistake for an effect. Each person has a rate of their own that
stays the same throughout; events follow a Poisson process at that rate. The one built-in effect: GP visits to the home
happen at 0.80 of the rate from enrolment on, while video calls begin, so that all contacts together rise. No other
rate changes.
Refuses to know today's date: days are counted from the demo's installation (day 0).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from demo.cast import BEVERLEY, FLIXTON, RESIDENTS, URMSTON, WYNCOURT, Person
from demo.prepare_data import DATA

SEED = 20_250_701
FILE = DATA / "contacts" / "contacts.csv"
DAYS_PER_YEAR = 365.25
BASELINE_DAYS = 365
GO_LIVE = {FLIXTON: -180, BEVERLEY: -150, WYNCOURT: -120, URMSTON: -90}
LIVED_THERE_DAYS = 600  # everybody moved in before the first event can happen
EARLIEST, LATEST = 8 * 60, 20 * 60  # minutes after midnight between which contacts begin


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of contact: how many a resident-year before enrolment, and the factor from enrolment on."""

    name: str
    before: float
    factor: float = 1.0
    since: float = 0.0  # a service that exists only since enrolment


# Illustrative rates of a plausible size for a care home; no source is claimed for them.
KINDS = (
    Kind("gp_home_visit", 9.0, factor=0.80),
    Kind("gp_telephone", 5.0),
    Kind("gp_video", 0.0, since=4.0),
    Kind("nhs_111", 0.8),
    Kind("ambulance", 0.9),
    Kind("emergency_attendance", 1.0),
    Kind("emergency_admission", 0.6),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One synthetic contact: whose, what kind, on which day before installation, at which minute of that day."""

    nhs_number: str
    kind: str
    day: int
    minute: int


def generate(seed: int = SEED) -> list[Contact]:
    """Return every contact in order of time; the same seed gives the same list."""
    chance = Random(seed)  # the same people each time, no secrets # nosec B311
    found = [contact for person in RESIDENTS for contact in _contacts_of(person, chance)]
    return sorted(found, key=lambda contact: (contact.day, contact.minute, contact.nhs_number, contact.kind))


def _contacts_of(person: Person, chance: Random) -> Iterator[Contact]:
    """Yield one person's contacts of every kind, at their own constant rate (mean 1, shape 4)."""
    assert person.home is not None
    frailty = sum(_exponential(chance) for _ in range(4)) / 4
    start = GO_LIVE[person.home]
    for kind in KINDS:
        after = kind.before * kind.factor + kind.since
        for rate, first, last in ((kind.before, start - BASELINE_DAYS, start), (after, start, 0)):
            for day in _poisson_days(frailty * rate / DAYS_PER_YEAR, first, last, chance):
                minute = EARLIEST + int(chance.random() * (LATEST - EARLIEST))
                yield Contact(person.nhs_number, kind.name, day, minute)


def _poisson_days(per_day: float, first: int, last: int, chance: Random) -> Iterator[int]:
    """Yield the whole days, from `first` up to but not including `last`, on which a Poisson process has an event."""
    if per_day <= 0:
        return
    at = first + _exponential(chance) / per_day
    while at < last:
        yield math.floor(at)
        at += _exponential(chance) / per_day


def _exponential(chance: Random) -> float:
    """Return a waiting time of mean 1, by inversion, so that every Python draws the same."""
    return -math.log(1.0 - chance.random())


def write(contacts: list[Contact], path: Path) -> None:
    """Write the contacts as the demo keeps them: relative days, to be dated when they are loaded."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("nhs_number", "kind", "day", "minute"))
        writer.writerows((c.nhs_number, c.kind, c.day, c.minute) for c in contacts)


def read(path: Path = FILE) -> list[Contact]:
    """Return the contacts of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [Contact(row["nhs_number"], row["kind"], int(row["day"]), int(row["minute"])) for row in rows]


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    write(generate(), FILE)
