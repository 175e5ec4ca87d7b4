"""The instruments that are asked here: free ones alone, each a FHIR Questionnaire in a file, with how it is scored.

A version is never changed: other words are another version, in a file of its own. Which are free, and whom they ask to
be named: `docs/check-ins.md`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from domain.alerts.alert import PHQ9_ITEM_9, Rule
from domain.questionnaires.questionnaire import Questionnaire, Value, read_questionnaire
from domain.questionnaires.scoring import GAD7_SCORING, GRADE_ALONE, PHQ9_SCORING, Scoring, score_of

_FILES = Path(__file__).parent / "instruments"


@dataclass(frozen=True, slots=True)
class Safety:
    """A question whose answer cannot wait: from which score on, and the alert that it raises."""

    link_id: str
    least_score: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class Instrument:
    """One instrument in the version in use. `anonymous`: never answered in a record."""

    questionnaire: Questionnaire
    fhir: bytes
    scoring: Scoring | None
    safety: Safety | None = None
    anonymous: bool = False

    @property
    def key(self) -> str:
        """Return the instrument's key."""
        return self.questionnaire.key

    def cannot_wait(self, answers: Mapping[str, Value]) -> bool:
        """Return whether an answer is one that somebody must look at now, whatever else is answered."""
        if self.safety is None:
            return False
        item = next(each for each in self.questionnaire.questions if each.link_id == self.safety.link_id)
        score = score_of(item, answers.get(item.link_id))
        return score is not None and score >= self.safety.least_score


def _instrument(
    key: str, scoring: Scoring | None = None, *, safety: Safety | None = None, anonymous: bool = False
) -> Instrument:
    text = (_FILES / f"{key}.json").read_bytes()
    return Instrument(read_questionnaire(json.loads(text)), text, scoring, safety, anonymous)


PHQ9 = _instrument("phq-9", PHQ9_SCORING, safety=Safety("q9", 1, PHQ9_ITEM_9))
GAD7 = _instrument("gad-7", GAD7_SCORING)
MRC_DYSPNOEA = _instrument("mrc-dyspnoea", GRADE_ALONE)
FRIENDS_AND_FAMILY = _instrument("friends-and-family-test", anonymous=True)
INSTRUMENTS: Mapping[str, Instrument] = MappingProxyType(
    {each.key: each for each in (PHQ9, GAD7, MRC_DYSPNOEA, FRIENDS_AND_FAMILY)}
)
