"""Which steps of their plans the demo's people answer for, and when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from demo.keeping import answer, unanswered, unnoted

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
STEPS = 6


def plan(*, published_at: datetime, done: dict[int, datetime] | None = None, status: str = "active") -> dict[str, Any]:
    """Return a plan as the service shows it, with some of its steps answered."""
    return {
        "status": status,
        "published_at": published_at.isoformat(),
        "actions": [{"id": f"step {place}"} for place in range(STEPS)],
        "recent_completions": [
            {"action_id": f"step {place}", "done_at": at.isoformat()} for place, at in (done or {}).items()
        ],
    }


def test_on_a_plan_s_first_day_every_step_is_answered_and_most_are_done() -> None:
    for offset in range(28):
        told = [answer(date(2026, 7, 1) + timedelta(days=offset), place, is_first=True) for place in range(STEPS)]
        assert None not in told
        assert sum(one == {} for one in told) >= STEPS // 2


def test_later_some_are_missed_some_skipped_for_a_reason_and_most_done() -> None:
    told = [answer(date(2026, 7, 1) + timedelta(days=day), 0, is_first=False) for day in range(70)]
    assert (told.count(None), sum(one is not None and "skipped" in one for one in told)) == (10, 10)
    assert told.count({}) == 50


def test_what_was_answered_today_by_whomever_is_not_answered_again() -> None:
    before = plan(published_at=NOON - timedelta(minutes=1))
    assert len(unanswered(before, NOON)) == STEPS
    pressed = plan(published_at=NOON - timedelta(minutes=1), done=dict.fromkeys(range(STEPS), NOON))
    assert unanswered(pressed, NOON + timedelta(hours=1)) == []


def test_what_was_answered_yesterday_in_london_is_due_again() -> None:
    yesterday = dict.fromkeys(range(STEPS), NOON - timedelta(days=1))
    assert unanswered(plan(published_at=NOON - timedelta(days=3), done=yesterday), NOON)
    just_after_midnight = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)  # 1 July in London
    answered = dict.fromkeys(range(STEPS), just_after_midnight)
    assert unanswered(plan(published_at=NOON - timedelta(days=3), done=answered), NOON) == []


def test_nobody_is_up_at_night_except_on_the_day_the_demo_is_first_seen() -> None:
    night = datetime(2026, 7, 1, 2, tzinfo=UTC)
    assert unanswered(plan(published_at=NOON - timedelta(days=3)), night) == []
    assert len(unanswered(plan(published_at=night - timedelta(minutes=1)), night)) == STEPS


def test_a_plan_that_has_ended_is_left_alone() -> None:
    assert unanswered(plan(published_at=NOON - timedelta(days=1), status="ended"), NOON) == []


ZONES = [
    {"any_of": [{"all_of": [{"symptom": None}, {"symptom": "headache"}]}, {"all_of": [{"symptom": "chest_pain"}]}]},
    {"any_of": [{"all_of": [{"symptom": "chest_pain"}]}]},
]


def test_whoever_has_zones_notes_that_none_of_their_symptoms_is_there_under_one_name_and_time_a_day() -> None:
    old = plan(published_at=NOON - timedelta(days=3)) | {"zones": ZONES}
    entry = unnoted(old, NOON)
    assert entry is not None
    assert entry == unnoted(old, NOON + timedelta(hours=3)) != unnoted(old, NOON + timedelta(days=1))
    assert entry["symptoms"] == [{"symptom": "chest_pain", "level": 0}, {"symptom": "headache", "level": 0}]
    assert datetime.fromisoformat(entry["effective_at"]) <= NOON


def test_on_a_plan_s_first_day_it_is_noted_when_the_plan_was_published_however_early() -> None:
    early = NOON.replace(hour=2)
    entry = unnoted(plan(published_at=early) | {"zones": ZONES}, early + timedelta(minutes=1))
    assert entry is not None
    assert datetime.fromisoformat(entry["effective_at"]) == early


def test_without_zones_nothing_is_noted() -> None:
    assert unnoted(plan(published_at=NOON) | {"zones": []}, NOON) is None
