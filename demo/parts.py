"""Who plays which recording, at which pace, signed in as whom."""

from __future__ import annotations

from datetime import timedelta

from demo.cast import CHARTED, CHARTS, HOME_BP, MIMIC, MONITORED, MONITORS, PATIENT, WITH_CUFF, numerics_file
from demo.connection import SignIn, SignInEnds
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
    """Return every device's part; the monitors send every second for the lively time. Raises NotLoaded.

    Left out are the devices of whoever cannot be signed in any more.
    """
    parts: list[Part] = []
    for who, parts_of in ((MONITORS, _monitors), (CHARTS, _charts), (PATIENT, _cuff)):
        sign_in = sign_ins[who.email]
        try:
            ids = {number: str(found["id"]) for number, found in (await known_patients(sign_in)).items()}
            parts += await parts_of(sign_in, ids, lively)
        except SignInEnds:
            continue
        except KeyError:
            raise NotLoaded("run `python -m demo load` first") from None
    return parts


async def _monitors(sign_in: SignIn, ids: dict[str, str], lively: timedelta) -> list[Part]:
    devices = zip(MONITORED.items(), _spread(len(MONITORED)), strict=True)
    return [
        Part(ids[person.nhs_number], sign_in, read_numerics(numerics_file(number), number), ONE_SECOND, delay, lively)
        for (person, number), delay in devices
    ]


async def _charts(sign_in: SignIn, ids: dict[str, str], _lively: timedelta) -> list[Part]:
    return [Part(ids[person.nhs_number], sign_in, _hastened(stay), BETWEEN_LAPS) for person, stay in CHARTED.items()]


async def _cuff(patient: SignIn, ids: dict[str, str], _lively: timedelta) -> list[Part]:
    own = ids[WITH_CUFF.nhs_number]
    readings = evenly(read_home_bp(HOME_BP), every=CUFF_EVERY)
    return [Part(own, patient, readings, CUFF_EVERY, delay=await _until_due(patient, own))]


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
