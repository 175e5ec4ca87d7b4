"""How long what is kept, why, and where that is written. Pure data, to be approved by whoever answers for records.

What is removed by itself says who does it; the rest is kept until somebody decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

YEAR = timedelta(days=365.25)
# From here on years say more than days.
_MANY = 2 * YEAR
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of data: how long it is kept (None: not removed here), why, by what source, and what removes it."""

    what: str
    kept_for: timedelta | None
    why: str
    source: str
    removed_by: str

    @property
    def how_long(self) -> str:
        """Return for how long, in words: "30 years", "1 day"."""
        if self.kept_for is None:
            return "Until somebody decides, as the law allows"
        if not self.kept_for:
            return "No longer than it is in use"
        if self.kept_for >= _MANY:
            return f"{round(self.kept_for / YEAR)} years"
        days = -(-self.kept_for // _DAY)  # a part of a day counts as one
        return "1 day" if days == 1 else f"{days} days"


AUDIT = Rule(
    "audit trail",
    30 * YEAR,
    "patients may ask who looked for as long as the record is kept, and so may a court",
    "NHS Records Management Code of Practice: audit trails are kept as long as the record that they are of",
    "`python -m api retention`, by the database's owner",
)
POLICY = (
    Rule(
        "health record",
        None,
        "care needs it; it is kept for at least 8 years after the last contact (GP records: 10 years after death)",
        "NHS Records Management Code of Practice; UK GDPR article 17(3)(c)",
        "nobody: who answers for the records decides, person by person",
    ),
    AUDIT,
    Rule(
        "what people asked of their record, and the answers",
        None,
        "to show that they were answered",
        "UK GDPR article 5(2)",
        "nobody: it is part of the record",
    ),
    Rule(
        "copies of one's own record",
        timedelta(hours=24),
        "so that there is time to fetch them, and no more: a whole record in one file must not be left lying about",
        "UK GDPR article 5(1)(e)",
        "the worker",
    ),
    Rule(
        "account: name, email address, means of signing in",
        timedelta(0),
        "until it is closed; only an id stays, so that the record still says what was one person's doing",
        "UK GDPR article 17(1)(a)",
        "the closing of the account",
    ),
    Rule(
        "sessions and tickets",
        timedelta(days=30),
        "until they are good no longer: 12 hours on the web, 30 days in an app",
        "UK GDPR article 5(1)(e)",
        "the worker",
    ),
    Rule(
        "answers kept for a repeated request, sealed",
        timedelta(days=30),
        "a phone that lost an answer sends the request again; whoever may no longer see the person is not shown it",
        "UK GDPR article 5(1)(f)",
        "the worker; at once, those of an account that is closed",
    ),
    Rule(
        "invitations, after they have lapsed",
        timedelta(days=30),
        "to see who was invited and did not come",
        "UK GDPR article 5(1)(e)",
        "the worker",
    ),
    Rule(
        "letters: their text until they are sent, then only that there was one",
        timedelta(days=30),
        "to find out why one did not arrive",
        "UK GDPR article 5(1)(e)",
        "the worker",
    ),
    Rule(
        "failed guesses at passwords, under a keyed hash",
        timedelta(days=30),
        "to slow guessing down",
        "UK GDPR article 5(1)(f)",
        "the worker",
    ),
    Rule(
        "what people were told: a kind, when and by which way; and ways that were given up",
        timedelta(days=30),
        "to show people what they were told, and to find out why something did not arrive",
        "UK GDPR article 5(1)(e)",
        "the worker; at once, those of an account that is closed",
    ),
    Rule(
        "what an organisation's own system was told, ids only",
        timedelta(days=30),
        "to find out what did not arrive",
        "UK GDPR article 5(1)(e)",
        "the worker",
    ),
)
