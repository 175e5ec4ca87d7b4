"""What answers add up to, and the band that the sum lies in. Pure.

A total stands only when every scored question is answered: a sum with something left out would look reassuring for the
wrong reason. Sources: PHQ-9 and GAD-7 as released by Pfizer in 2010 (bands 5, 10, 15 and 20; 5, 10 and 15); the MRC
dyspnoea scale as published by UK Research and Innovation, whose grade is its score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.errors import Fault, Invalid
from domain.questionnaires.questionnaire import Item, Questionnaire, Value


@dataclass(frozen=True, slots=True)
class Band:
    """The totals from `least` to the next band's, and what they are called."""

    least: int
    label: str


@dataclass(frozen=True, slots=True)
class Scoring:
    """How the total of an instrument is read: its bands, the lowest first, and the LOINC code of the total if known."""

    bands: tuple[Band, ...]
    loinc: str | None = None

    def band(self, total: int) -> str | None:
        """Return what a total is called; None without bands."""
        return next((band.label for band in reversed(self.bands) if total >= band.least), None)


PHQ9_SCORING = Scoring(
    (
        Band(0, "minimal"),
        Band(5, "mild"),
        Band(10, "moderate"),
        Band(15, "moderately severe"),
        Band(20, "severe"),
    ),
    "44261-6",
)
GAD7_SCORING = Scoring((Band(0, "minimal"), Band(5, "mild"), Band(10, "moderate"), Band(15, "severe")), "70274-6")
GRADE_ALONE = Scoring(())


def total(questionnaire: Questionnaire, answers: Mapping[str, Value]) -> int | None:
    """Return the sum of the scores; None when a scored question is not answered, or none is scored."""
    scores = [score_of(item, answers.get(item.link_id)) for item in questionnaire.scored]
    known = [score for score in scores if score is not None]
    return sum(known) if known and len(known) == len(scores) else None


def score_of(item: Item, answer: Value | None) -> int | None:
    """Return the score of an answer; None for none."""
    option = item.option(answer)
    return None if option is None else option.score


def greatest_total(questionnaire: Questionnaire) -> int | None:
    """Return the highest total that there is; None where nothing is scored."""
    scored = questionnaire.scored
    return sum(max(each.score or 0 for each in item.options) for item in scored) if scored else None


def answers_of_scores(questionnaire: Questionnaire, scores: Sequence[object]) -> dict[str, Value]:
    """Return the answers that a bare list of scores names, None for a question left out.

    Raises Invalid with the place of each that is no score of its question, and for another number of them: a boolean
    is no score, and neither is a number that is not whole.
    """
    scored = questionnaire.scored
    if len(scores) != len(scored):
        fault = Fault("", "wrong_number", f"{len(scored)} scores are needed.")
        raise Invalid("There are as many scores as scored questions.", [fault])
    answers: dict[str, Value] = {}
    faults = []
    for place, (item, score) in enumerate(zip(scored, scores, strict=True)):
        if score is None:
            continue
        code = code_of_score(item, score)
        if code is None:
            faults.append(Fault(f"/{place}", "not_an_option", "This is no score of the question."))
        else:
            answers[item.link_id] = code
    if faults:
        raise Invalid("These are not all scores.", faults)
    return answers


def code_of_score(item: Item, score: object) -> str | None:
    """Return the code of the option that has this score, a whole number; None when none has."""
    if not isinstance(score, int) or isinstance(score, bool):
        return None
    return next((option.code for option in item.options if option.score == score), None)
