"""What somebody is told at once who answers that they have had thoughts of dying or of hurting themself. Pure.

The numbers are those that NHS bodies publish: 111 and its option for mental health (Aneurin Bevan University Health
Board, Sheffield Health and Social Care NHS Foundation Trust), Samaritans 116 123 (the same health board), 999 for a
life at risk. England's and Wales'; elsewhere 111 may be answered otherwise. No clinical safety officer has confirmed
these words yet: hazard H51.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to call, by which number, and when."""

    name: str
    number: str
    when: str


@dataclass(frozen=True, slots=True)
class SafetyWords:
    """What is said, whom to call, and whether anybody is known to be looking now."""

    title: str
    text: str
    watched_now: bool
    watched: str
    contacts: tuple[Contact, ...]


CRISIS = SafetyWords(
    title="You do not have to face this alone",
    text="You answered that you have had thoughts that you would be better off dead, or of hurting yourself. "
    "Please talk to somebody now.",
    watched_now=False,
    watched="Your care team has been sent an alert. Nobody may be looking at it right now: do not wait for them.",
    contacts=(
        Contact("Emergency services", "999", "If your life is in danger, or you cannot keep yourself safe"),
        Contact("NHS 111", "111, then option 2", "For urgent help with your mental health, at any hour"),
        Contact("Samaritans", "116 123", "To talk to somebody in confidence, at any hour, free of charge"),
    ),
)
