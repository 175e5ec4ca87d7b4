"""What a reader must be told beside the figures, in words."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Caution(StrEnum):
    """What a reader must be told beside the figures."""

    regression_to_the_mean = "regression_to_the_mean"
    events_not_independent = "events_not_independent"
    computed_from_rounded = "computed_from_rounded"
    some_are_not_counted = "some_are_not_counted"
    implausible_effect = "implausible_effect"
    short_before = "short_before"
    short_since = "short_since"
    no_contacts_before = "no_contacts_before"
    no_contacts_since = "no_contacts_since"
    held_this_month = "held_this_month"
    held_until_next_month = "held_until_next_month"


CAUTIONS: dict[Caution, str] = {
    Caution.regression_to_the_mean: (
        "People chosen because they used services much will use them less afterwards whatever is done."
    ),
    Caution.events_not_independent: (
        "The interval takes contacts as independent. A few people with many contacts make the true interval wider."
    ),
    Caution.computed_from_rounded: (
        "Rates, ratio and intervals are computed from rounded counts and person-days, and so are approximate."
    ),
    Caution.some_are_not_counted: (
        "People who have said no to use of their record beyond their own care are not counted, if there are any."
    ),
    Caution.implausible_effect: (
        "A fall above 40% without controls is larger than any controlled study has found: look for selection first."
    ),
    Caution.short_before: "The window before is shorter than 90 days a person on average.",
    Caution.short_since: "The window since is shorter than 90 days a person on average.",
    Caution.no_contacts_before: (
        "No contact of any kind is recorded in the window before: the records may not reach back so far."
    ),
    Caution.no_contacts_since: ("No contact of any kind is recorded since: the records may not have arrived."),
    Caution.held_this_month: (
        "Held at what was first shown this month, on {since}: nothing has changed since, or so little (in some count"
        " fewer than 8 records or people) that showing it would single somebody out. It can move once before {until}."
    ),
    Caution.held_until_next_month: (
        "Shown since {since}, and moved this month already: held so until {until}, whatever is recorded."
    ),
}


def words_of(caution: Caution, *, since: date | None, until: date) -> str:
    """Return what to tell the reader of figures that were first shown on one day and may be held until another.

    Whether figures are held is told whether or not anything has changed: or the caution itself would tell of a change.
    """
    return CAUTIONS[caution].format(since=since, until=until)
