"""Recording what was measured before the demo was installed: home blood pressure, and the first half of each stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta

from demo.cast import CHARTED, HOME_BP, MIMIC, WITH_CUFF, Person
from demo.connection import SignIn, body_of, refusal
from demo.measurements import Reading, Recorded, as_reading
from demo.playback import halves
from demo.readers.home_bp import read_home_bp
from demo.readers.mimic import read_stay
from demo.verdicts import settle

BATCH = 500  # half of what one request may hold
PAUSE_BEFORE_LIVE = timedelta(minutes=5)


def dated(recording: Sequence[Recorded], last_at: datetime, prefix: str) -> list[Reading]:
    """Return the readings with every interval kept and the last of them taken at `last_at`."""
    start = last_at - recording[-1].after
    return [
        as_reading(recorded, client_id=f"{prefix}.{place}", at=start + recorded.after)
        for place, recorded in enumerate(recording)
    ]


def home_history(dated_from: datetime) -> list[Reading]:
    """Return 108 days of home blood pressure whose last reading was yesterday, at the hour it was taken."""
    recording = read_home_bp(HOME_BP)
    yesterday = datetime.combine(dated_from.date() - timedelta(days=1), time(9, 15, 54), UTC)
    return dated(recording, yesterday, "history.home-cuff")


def stay_history(stay: str, dated_from: datetime) -> list[Reading]:
    """Return the first half of a stay, ending shortly before the demo was installed."""
    early, _ = halves(read_stay(MIMIC, stay))
    return dated(early, dated_from - PAUSE_BEFORE_LIVE, f"history.{stay}")


def charted_history(dated_from: datetime) -> Iterator[tuple[Person, list[Reading]]]:
    """Yield each resident with a charted stay, and its history."""
    for person, stay in CHARTED.items():
        yield person, stay_history(stay, dated_from)


async def record_history(
    patient: SignIn, carer: SignIn, patients: dict[str, str], dated_from: datetime
) -> Counter[str]:
    """Record all history and return how many readings are in the record, and how many were refused by code."""
    counts = await _post(patient, patients[WITH_CUFF.nhs_number], home_history(dated_from))
    for person, readings in charted_history(dated_from):
        counts += await _post(carer, patients[person.nhs_number], readings)
    return counts


async def _post(sign_in: SignIn, patient_id: str, readings: list[Reading]) -> Counter[str]:
    """Post in batches; what the service wants confirmed is confirmed once, as a monitor would."""
    path = f"/v1/patients/{patient_id}/observations"
    counts: Counter[str] = Counter()
    waiting = readings
    while waiting:
        batch, waiting = waiting[:BATCH], waiting[BATCH:]
        response = await sign_in.call("POST", path, json={"readings": batch})
        verdicts = body_of(response).get("verdicts")
        if verdicts is None:
            raise refusal("POST", path, response)
        settled = settle(batch, verdicts)
        counts["stored"] += settled.stored
        counts += settled.refused
        waiting = [*settled.again, *waiting]
    return counts
