"""Who plays which recording, at which pace, signed in as whom."""

from __future__ import annotations

from datetime import timedelta

from demo.cast import CARER, CHARTED, HOME_BP, MIMIC, MONITORED, PATIENT, SECOND_CARER, WITH_CUFF, numerics_file
from demo.connection import SignIn
from demo.load.people import known_patients
from demo.measurements import Recorded
from demo.playback import evenly, halves, hastened
from demo.readers.bidmc import read_numerics
from demo.readers.home_bp import read_home_bp
from demo.readers.mimic import read_stay
from demo.replay import Part

ONE_SECOND = timedelta(seconds=1)
STAY_IS_HASTENED = 60.0  # one hour of a hospital stay passes in a minute
LONGEST_PAUSE = timedelta(seconds=90)
BETWEEN_LAPS = timedelta(minutes=2)
# Rarely: what a newcomer records as this person stays the latest. On starting again the cuff waits its turn.
CUFF_EVERY = timedelta(hours=12)


class NotLoaded(Exception):
    """The demo's people are not in the service, or not visible to the accounts that play them."""


async def cast_parts(sign_ins: dict[str, SignIn], lively: timedelta) -> list[Part]:
    """Return every device's part; the monitors send every second for the lively time. Raises NotLoaded."""
    carer, second_carer, patient = (sign_ins[who.email] for who in (CARER, SECOND_CARER, PATIENT))
    by_carer = {number: found["id"] for number, found in (await known_patients(carer)).items()}
    by_second = {number: found["id"] for number, found in (await known_patients(second_carer)).items()}
    own = {number: found["id"] for number, found in (await known_patients(patient)).items()}
    try:
        parts = [
            Part(
                by_carer[person.nhs_number],
                carer,
                read_numerics(numerics_file(number), number),
                ONE_SECOND,
                delay,
                lively,
            )
            for (person, number), delay in zip(MONITORED.items(), _spread(len(MONITORED)), strict=True)
        ]
        for person, stay in CHARTED.items():
            parts.append(Part(by_second[person.nhs_number], second_carer, _hastened(stay), BETWEEN_LAPS))
        at_home = own[WITH_CUFF.nhs_number]
    except KeyError:
        raise NotLoaded("run `python -m demo load` first") from None
    cuff = evenly(read_home_bp(HOME_BP), every=CUFF_EVERY)
    return [*parts, Part(at_home, patient, cuff, CUFF_EVERY, delay=await _until_due(patient, at_home))]


async def _until_due(patient: SignIn, patient_id: str) -> timedelta:
    """Return how long the cuff waits: until as long after the latest blood pressure as between two of its own."""
    latest = await patient.ask("GET", f"/v1/patients/{patient_id}/observations/latest")
    ages = [item["age_seconds"] for item in latest["items"] if item["sign"] == "blood_pressure"]
    return max(timedelta(), CUFF_EVERY - timedelta(seconds=min(ages))) if ages else timedelta()


def _hastened(stay: str) -> tuple[Recorded, ...]:
    """Return the half of a stay that the history does not hold, an hour a minute."""
    _, late = halves(read_stay(MIMIC, stay))
    return hastened(late, times=STAY_IS_HASTENED, longest_pause=LONGEST_PAUSE)


def _spread(devices: int) -> list[timedelta]:
    """Return delays that spread the devices over one second."""
    return [number * ONE_SECOND / devices for number in range(devices)]
