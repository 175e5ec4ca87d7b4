"""What the app must know without a network, written from the domain: `python -m tests.app_facts` writes it anew.

The catalogue of signs with their limits, the questionnaires with their scoring, the symptoms and the words of notices
are the API's own, and the app is built with them, so that a phone that has never asked can record, ask and show whom to
call. The schedules are what the app's own reading of rules is held against. `tests/unit/test_app_facts.py` fails when
any has changed.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from api.schemas.vital_signs import VitalSignOut
from domain.diary.symptom import SYMPTOMS
from domain.errors import Invalid
from domain.notifications.words import WORDS, NoticeKind
from domain.observations.catalogue import CATALOGUE
from domain.observations.plausibility import NOT_SELF_REPORTED
from domain.people.local_days import LONDON_DAYS
from domain.plans.schedule import days_between, schedule_of
from domain.questionnaires.catalogue import INSTRUMENTS
from domain.questionnaires.safety import CRISIS

APP = Path(__file__).parent.parent / "console" / "app"
FROM, UNTIL = date(2026, 9, 20), date(2028, 4, 10)
_OF_SIGN = (
    *("key", "shape", "canonical_unit", "decimals", "limits", "derived", "comparators", "whole_numbers"),
    *("change_to_confirm", "stale_after_seconds"),
)
RULES = (
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=2",
    "FREQ=DAILY;INTERVAL=9;BYDAY=MO,TH",
    "FREQ=DAILY;BYMONTH=6,7",
    "FREQ=DAILY;COUNT=10",
    "FREQ=DAILY;UNTIL=20261025",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
    "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU;COUNT=4",
    "FREQ=WEEKLY;BYMONTH=12;BYDAY=FR",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=12,23,-1",
    "FREQ=MONTHLY;BYDAY=1MO,-1FR",
    "FREQ=MONTHLY;BYDAY=TU;INTERVAL=3",
    "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR",
    "FREQ=MONTHLY;BYDAY=5SU,-5MO",
    "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=-2",
    "FREQ=MONTHLY;COUNT=5;BYDAY=-2SU",
    "FREQ=YEARLY",
    "FREQ=YEARLY;BYMONTH=2,10;BYMONTHDAY=29,30",
    "FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYDAY=-1SU",
    "FREQ=YEARLY;BYMONTH=9",
)
STARTS = (date(2026, 9, 1), date(2026, 10, 24), date(2024, 2, 29), date(2026, 1, 31))

# Where somebody went and when they said so: far east and back, back and forth on one day, half hours, clocks that
# change at midnight and by half an hour.
JOURNEYS = (
    (),
    (("America/New_York", datetime(2026, 11, 24, 12, tzinfo=UTC)),),
    (
        ("Pacific/Kiritimati", datetime(2026, 3, 1, 9, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Pacific/Honolulu", datetime(2026, 6, 2, 23, tzinfo=UTC)),
    ),
    (
        ("Asia/Tokyo", datetime(2026, 3, 28, 16, tzinfo=UTC)),
        ("America/Santiago", datetime(2026, 4, 4, 2, tzinfo=UTC)),
        ("Africa/Cairo", datetime(2026, 4, 22, 5, tzinfo=UTC)),
    ),
    (
        ("Australia/Lord_Howe", datetime(2026, 4, 3, 14, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 10, 3, 18, tzinfo=UTC)),
        ("America/St_Johns", datetime(2026, 10, 30, 1, tzinfo=UTC)),
    ),
)
CLOCK_CHANGES = ((3, 29), (4, 5), (4, 24), (9, 6), (10, 4), (10, 25), (11, 1))
TIMES = (time(0), time(1, 30), time(2, 15), time(8), time(23, 30))


def written() -> dict[Path, str]:
    """Return every file by its path, with what must stand in it."""
    return {
        APP / "src" / "reference" / "vital_signs.json": _text([_sign(key) for key in CATALOGUE]),
        APP / "src" / "reference" / "questionnaires.json": _text([_asked(key) for key in INSTRUMENTS]),
        APP / "src" / "reference" / "symptoms.json": _text(_symptoms()),
        APP / "src" / "reference" / "notices.json": _text(_notices()),
        APP / "tests" / "vectors" / "crisis.json": _text([each.number for each in CRISIS.contacts]),
        APP / "tests" / "vectors" / "schedules.json": _text(_schedules()),
        APP / "tests" / "vectors" / "local_days.json": _text(_local_days()),
    }


def _sign(key: str) -> object:
    sign = CATALOGUE[key]
    told = json.loads(VitalSignOut.of(sign).model_dump_json())
    units = zip(told["units"], sign.units, strict=True)
    # Codings are for machines, and weigh more than all the rest.
    return {name: told[name] for name in _OF_SIGN} | {
        "units": [shown | {"scale": float(unit.scale), "offset": float(unit.offset)} for shown, unit in units],
        "parts": [{name: part[name] for name in ("key", "hard", "confirm")} for part in told["parts"]],
        "answers": [each["code"] for each in told["answers"] if each["code"] not in NOT_SELF_REPORTED],
    }


def _asked(key: str) -> object:
    instrument = INSTRUMENTS[key]
    scoring, safety = instrument.scoring, instrument.safety
    return {
        "key": key,
        "anonymous": instrument.anonymous,
        "bands": None if scoring is None else [{"least": each.least, "label": each.label} for each in scoring.bands],
        "safety": None if safety is None else {"link_id": safety.link_id, "least_score": safety.least_score},
        "fhir": json.loads(instrument.fhir),
    }


def _symptoms() -> list[object]:
    return [{"key": each.key, "scale": each.scale.value, "label": each.label} for each in SYMPTOMS.values()]


def _notices() -> object:
    """What a push may say, by its kind and language: the worker shows these and never what else comes with it."""
    told = [kind for kind in NoticeKind if kind is not NoticeKind.confirm]
    return {kind.value: {language.value: WORDS[language][kind] for language in WORDS} for kind in told}


def _schedules() -> list[object]:
    found: list[object] = []
    for rule in RULES:
        for start in STARTS:
            try:
                schedule = schedule_of(rule, start, ())
            except Invalid:
                continue
            days = list(days_between(schedule, FROM, UNTIL))
            left_out = tuple(days[1:2])
            kept = list(days_between(schedule_of(rule, start, (), except_on=left_out), FROM, UNTIL))
            found.append(
                {
                    "rrule": schedule.rule.text(),
                    "starts_on": str(start),
                    "except_on": [str(day) for day in left_out],
                    # As numbers of days from the first looked at: a file of dates would be ten times as long.
                    "days": [(day - FROM) // timedelta(days=1) for day in kept],
                }
            )
    return found


def _local_days() -> list[object]:
    """Journeys, and of instants around each change of zone and of clocks in which of the person's days they are."""
    found: list[object] = []
    for journey in JOURNEYS:
        days = LONDON_DAYS
        for zone, at in journey:
            days = days.chosen(zone, at)
        changes = [at for _, at in journey] + [datetime(2026, *day, tzinfo=UTC) for day in CLOCK_CHANGES]
        instants = [at + timedelta(hours=hours, minutes=17) for at in changes for hours in range(-30, 55, 5)]
        looked_at = sorted({days.day_of(at) for at in instants})
        found.append(
            {
                "time_zones": [{"time_zone": each.name, "from_on": str(each.from_on)} for each in days.choices],
                "days": [[_ms(at), str(days.day_of(at))] for at in instants],
                "instants": [[str(day), str(at)[:5], _ms(days.instant(day, at))] for day in looked_at for at in TIMES],
            }
        )
    return found


def _ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _text(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("},{", "},\n{") + "\n"


if __name__ == "__main__":
    for path, text in written().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
