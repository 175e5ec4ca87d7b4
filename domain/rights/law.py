"""What the law keeps and why: the grounds on which what somebody asked of their record is not done, or not all of it.

Data, to be approved by whoever answers for data protection; article numbers are those of the UK GDPR.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What is asked: to put something right, to erase, to restrict its use, or to close the account."""

    correction = "correction"
    erasure = "erasure"
    restriction = "restriction"
    close_account = "close_account"


class Decision(StrEnum):
    """What came of it."""

    granted = "granted"
    partly = "partly"
    refused = "refused"


@dataclass(frozen=True, slots=True)
class Ground:
    """Why something is kept: in plain words, and where that is written."""

    words: str
    source: str


# Article 12(3): without undue delay, and within one month.
ANSWERED_WITHIN = timedelta(days=30)

GROUNDS: Mapping[str, Ground] = {
    "record_is_accurate": Ground(
        "What the record says is what was found or decided then. That you see it differently is kept: what you asked"
        " and this answer stay among your requests and in every copy of your record. Your practice reads what you asked"
        " at the head of your record; whoever else cares for you sees there that you see something differently. It"
        " stands there until you take it back.",
        "UK GDPR article 16",
    ),
    "care_record_is_kept": Ground(
        "A health record is kept for as long as you, and those who care for you, may need it: it is not erased before"
        " the time that the NHS has set for it.",
        "UK GDPR article 17(3)(c) with 9(2)(h); NHS Records Management Code of Practice",
    ),
    "who_looked_is_kept": Ground(
        "The list of who looked at your record is kept as long as the record, so that you can always ask.",
        "UK GDPR article 17(3)(b); NHS Care Record Guarantee",
    ),
    "legal_claims": Ground(
        "It is needed to make, or to answer, a claim in law.", "UK GDPR articles 17(3)(e) and 18(2)"
    ),
    "treatment_needs_it": Ground(
        "Your practice must be able to see it to treat you safely. Care teams and care homes no longer see it if you"
        " withdraw your consent to share it.",
        "UK GDPR article 18(2)",
    ),
    "rights_of_others": Ground("It is about somebody else as well.", "UK GDPR article 18(2)"),
}
# What the law lets each ground be given for: one that is another request's would tell the person what is untrue.
GROUNDS_FOR: Mapping[Kind, frozenset[str]] = {
    Kind.correction: frozenset({"record_is_accurate", "legal_claims"}),
    Kind.erasure: frozenset({"care_record_is_kept", "who_looked_is_kept", "legal_claims"}),
    Kind.restriction: frozenset({"treatment_needs_it", "legal_claims", "rights_of_others"}),
    Kind.close_account: frozenset({"legal_claims"}),
}
# What can be done at all: a health record is not erased on request, and an account is closed whole or not.
DECISIONS_FOR: Mapping[Kind, frozenset[Decision]] = {
    Kind.correction: frozenset(Decision),
    Kind.erasure: frozenset({Decision.partly, Decision.refused}),
    Kind.restriction: frozenset(Decision),
    Kind.close_account: frozenset({Decision.granted, Decision.refused}),
}
