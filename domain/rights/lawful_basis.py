"""Why the law allows what is done with people's data: purpose by purpose, as whoever answers for it decides. Pure.

What is proposed here is for an NHS body in England, for its data protection officer to approve; each installation may
state another basis, and states who answers for it. Article numbers are those of the UK GDPR.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What people's data are used for; nothing is used for anything else."""

    care = "care"
    evaluation = "evaluation"
    telling = "telling"
    accounts = "accounts"
    accountability = "accountability"


@dataclass(frozen=True, slots=True)
class Use:
    """One purpose in words for the people concerned. `of_health`: so that article 9 must allow it, too."""

    purpose: Purpose
    title: str
    what: str
    of_health: bool


@dataclass(frozen=True, slots=True)
class LawfulBasis:
    """The conditions of article 6 and, for data about health, of article 9 that a use rests on."""

    article_6: str
    article_9: str | None = None


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for the data: by name, how to reach them, and their data protection officer."""

    name: str
    contact: str
    officer: str | None = None


@dataclass(frozen=True, slots=True)
class PrivacyNotice:
    """Who answers for people's data, and on what basis each use of them rests. `controller`: None if nobody said."""

    controller: Controller | None
    bases: Mapping[Purpose, LawfulBasis]


ARTICLE_6: Mapping[str, str] = {
    "6(1)(a)": "You have consented to it.",
    "6(1)(b)": "It is needed for a contract with you.",
    "6(1)(c)": "The law requires it.",
    "6(1)(d)": "It protects somebody's life.",
    "6(1)(e)": "It is needed for a task in the public interest, which the law has given to the NHS.",
    "6(1)(f)": "It is in the legitimate interest of who does it, and yours do not weigh more.",
}
ARTICLE_9: Mapping[str, str] = {
    "9(2)(a)": "You have explicitly consented to the use of data about your health.",
    "9(2)(c)": "It protects somebody's life who cannot consent.",
    "9(2)(f)": "It is needed for a claim in law.",
    "9(2)(g)": "A substantial public interest that the law names asks for it.",
    "9(2)(h)": "It is needed to provide or to manage health or social care, by people bound to secrecy.",
    "9(2)(i)": "Public health asks for it.",
    "9(2)(j)": "It is for research or statistics, with the safeguards that the law asks for.",
}
USES: tuple[Use, ...] = (
    Use(
        Purpose.care,
        "Your care",
        "Your readings, goals and plans are kept and shown to you, to who acts for you and to who cares for you.",
        of_health=True,
    ),
    Use(
        Purpose.evaluation,
        "Whether a service helps",
        "Visits and admissions of groups of people are counted. Nothing about one person leaves, and if you say no to"
        " research you are not counted.",
        of_health=True,
    ),
    Use(
        Purpose.telling,
        "Your practice's or care home's own system",
        "It may be told that something of yours has changed, by ids alone, if they have asked for it.",
        of_health=True,
    ),
    Use(
        Purpose.accounts,
        "Your account",
        "Your name, email address and how you sign in are kept so that nobody else does.",
        of_health=False,
    ),
    Use(
        Purpose.accountability,
        "Who looked, and what you ask",
        "Whoever looks at your record is written down, so that you can see it; so is what you ask of your record.",
        of_health=True,
    ),
)
PROPOSED: Mapping[Purpose, LawfulBasis] = {
    Purpose.care: LawfulBasis("6(1)(e)", "9(2)(h)"),
    Purpose.evaluation: LawfulBasis("6(1)(e)", "9(2)(h)"),
    Purpose.telling: LawfulBasis("6(1)(e)", "9(2)(h)"),
    Purpose.accounts: LawfulBasis("6(1)(e)"),
    Purpose.accountability: LawfulBasis("6(1)(c)", "9(2)(h)"),
}


def privacy_notice(controller: Controller | None, stated: Mapping[Purpose, LawfulBasis]) -> PrivacyNotice:
    """Return the notice of an installation: what it states, and what is proposed for the rest.

    Raises ValueError for a condition that the law does not have, and for data about health without one of article 9.
    """
    bases = {use.purpose: stated.get(use.purpose, PROPOSED[use.purpose]) for use in USES}
    for use in USES:
        basis = bases[use.purpose]
        if basis.article_6 not in ARTICLE_6:
            raise ValueError(f"{use.purpose}: article_6 must be one of {', '.join(ARTICLE_6)}")
        if basis.article_9 is None and use.of_health:
            raise ValueError(f"{use.purpose}: data about health need a condition of article 9 as well")
        if basis.article_9 is not None and basis.article_9 not in ARTICLE_9:
            raise ValueError(f"{use.purpose}: article_9 must be one of {', '.join(ARTICLE_9)}")
    return PrivacyNotice(controller, bases)
