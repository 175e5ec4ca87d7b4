"""Who appears in the demo. Every person here is invented; the places are real, published and marked "(demo)".

NHS numbers come from the range 999 that is never issued, with right check digits. Birth dates are made up.
Refuses to know the service: these are only the facts that `demo.load` records through the public API.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from demo.choose_stays import DETERIORATING, RECOVERING, STABLE
from demo.prepare_data import BIDMC_NUMBERS, DATA, EICU_STAYS

COMMISSIONER_CODE, NETWORK_CODE, URGENT_CARE_CODE = "ZZC01", "ZZN01", "ZZP01"
NEAR_PRACTICE, FAR_PRACTICE = "P91006", "P91016"
FLIXTON, BEVERLEY, WYNCOURT, URMSTON = "1-303667371", "1-122648952", "1-23098133995", "1-5051437274"
HOME_CODES = {FLIXTON: "ZZH01", BEVERLEY: "ZZH02", WYNCOURT: "ZZH03", URMSTON: "ZZH04"}


@dataclass(frozen=True, slots=True)
class Person:
    """One invented patient: who they are, where registered, and in which room of which home (or at home)."""

    given_name: str
    family_name: str
    born_on: date
    nhs_number: str
    practice: str
    home: str | None
    room: str | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """One invented account: its name, its role and the ODS code of the place where the role is held."""

    email: str
    display_name: str
    role: str
    at: str


CLINICIAN = Colleague("amara.nwosu@demo.tendwell.example", "Dr Amara Nwosu", "clinician", NEAR_PRACTICE)
SECOND_CLINICIAN = Colleague("tomos.pryce@demo.tendwell.example", "Tomos Pryce", "clinician", FAR_PRACTICE)
CAREFUL_CLINICIAN = Colleague("leila.farrow@demo.tendwell.example", "Dr Leila Farrow", "clinician", NEAR_PRACTICE)
CARER = Colleague("jolanta.kubiak@demo.tendwell.example", "Jolanta Kubiak", "care_home_staff", HOME_CODES[FLIXTON])
SECOND_CARER = Colleague(
    "desmond.achebe@demo.tendwell.example", "Desmond Achebe", "care_home_staff", HOME_CODES[BEVERLEY]
)
# The devices' own sign-ins: what a colleague does to theirs (another password, a second step) stops no device.
MONITORS = Colleague("monitors@demo.tendwell.example", "Bedside monitors", "care_home_staff", HOME_CODES[FLIXTON])
CHARTS = Colleague("charts@demo.tendwell.example", "Observation charts", "care_home_staff", HOME_CODES[BEVERLEY])
COMMISSIONER = Colleague("priya.raman@demo.tendwell.example", "Priya Raman", "commissioner", COMMISSIONER_CODE)
# Of the commissioner's whole tree, so that every broken glass is hers to look into.
PRIVACY_OFFICER = Colleague(
    "samira.holloway@demo.tendwell.example", "Samira Holloway", "privacy_officer", COMMISSIONER_CODE
)
PATIENT = Colleague("walter.hesketh@demo.tendwell.example", "Walter Hesketh", "patient", NEAR_PRACTICE)
SECOND_PATIENT = Colleague("rosalind.achterberg@demo.tendwell.example", "Rosalind Achterberg", "patient", NEAR_PRACTICE)
COLLEAGUES = (
    CLINICIAN,
    SECOND_CLINICIAN,
    CAREFUL_CLINICIAN,  # signs in with a second factor: `python -m demo code` tells the present one
    CARER,
    SECOND_CARER,
    MONITORS,
    CHARTS,
    COMMISSIONER,
    PRIVACY_OFFICER,
    PATIENT,
    SECOND_PATIENT,
)

_FLIXTON_RESIDENTS = """
    Edith Pemberton 1936-03-14|Arthur Lomas 1941-07-02|Maureen Cartledge 1939-11-23|Stanley Okoro 1934-01-30
    Beryl Hathersage 1937-09-09|Kenneth Wroe 1943-05-17|Doreen Mistry 1940-12-01|Harold Entwistle 1932-04-26
    Sheila Fairclough 1938-08-11|Ronald Adeyemi 1935-02-19|Winifred Tasker 1930-10-05|Gordon Bielski 1942-06-28
"""
_BEVERLEY_RESIDENTS = """
    Joyce Ravenscroft 1938-05-08|Leonard Sugden 1937-12-12|Patricia Mbeki 1944-03-03|Ivy Thornhill 1933-07-21
    Cyril Haworth 1936-11-02|Nora Kapadia 1941-01-15|Frank Ollerton 1939-04-04|Hilda Szymanska 1935-08-30
    Trevor Nuttall 1943-10-18|Elsie Broadbent 1931-06-06|Raymond Chaudhry 1940-02-27|Audrey Lindley 1937-03-19
    Percy Wolstenholme 1934-09-25
"""
_WYNCOURT_RESIDENTS = """
    Marjorie Eccles 1936-06-13|Bernard Fenwick 1938-02-08|Olive Ramsbottom 1933-12-29|Dennis Igwe 1942-09-01
    Gladys Tetlow 1935-05-24|Norman Strzelecki 1940-07-16|Vera Hindle 1937-10-10|Clifford Banerjee 1939-01-07
    Phyllis Outram 1932-11-11|Geoffrey Marsden 1944-04-20|Irene Dooley 1938-03-31|Stanislaw Birch 1936-08-22
"""
_URMSTON_RESIDENTS = "Annie Garside 1939-02-14|Reginald Moxon 1937-07-07|Freda Quarmby 1934-10-29"
_AT_HOME = "Walter Hesketh 1953-05-03|Rosalind Achterberg 1966-09-12"


def nhs_numbers(first_nine: int) -> Iterator[str]:
    """Yield valid ten-digit numbers from a nine-digit start on; a number whose check would be 10 is never valid."""
    for nine in range(first_nine, 1_000_000_000):
        weighted = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), f"{nine:09d}", strict=True))
        check = (11 - weighted % 11) % 11
        if check != 10:
            yield f"{nine:09d}{check}"


def _people(names: str, numbers: Iterator[str], practice: str, home: str | None) -> tuple[Person, ...]:
    """Return the people of a list, with rooms counted from 1 in a home."""
    found: list[Person] = []
    for entry in names.replace("\n", "|").split("|"):
        if entry.strip():
            given, family, born = entry.split()
            room = None if home is None else f"Room {len(found) + 1}"
            found.append(Person(given, family, date.fromisoformat(born), next(numbers), practice, home, room))
    return tuple(found)


_numbers = nhs_numbers(999_000_100)
FLIXTON_RESIDENTS = _people(_FLIXTON_RESIDENTS, _numbers, NEAR_PRACTICE, FLIXTON)
BEVERLEY_RESIDENTS = _people(_BEVERLEY_RESIDENTS, _numbers, FAR_PRACTICE, BEVERLEY)
WYNCOURT_RESIDENTS = _people(_WYNCOURT_RESIDENTS, _numbers, FAR_PRACTICE, WYNCOURT)
URMSTON_RESIDENTS = _people(_URMSTON_RESIDENTS, _numbers, FAR_PRACTICE, URMSTON)
AT_HOME = _people(_AT_HOME, _numbers, NEAR_PRACTICE, None)
RESIDENTS = FLIXTON_RESIDENTS + BEVERLEY_RESIDENTS + WYNCOURT_RESIDENTS + URMSTON_RESIDENTS
PEOPLE = RESIDENTS + AT_HOME

# Who plays what: the recordings belong to other people, and say nothing about these invented ones.
MONITORED = dict(zip(FLIXTON_RESIDENTS, BIDMC_NUMBERS, strict=True))
CHARTED = dict(zip(BEVERLEY_RESIDENTS, (DETERIORATING, RECOVERING, STABLE), strict=False))
WITH_CUFF, WITH_PLAN = AT_HOME
# What is played signed in as whom, as a line says it that tells that it is not played any more.
PLAYED = {
    MONITORS.email: "the bedside monitors are not played",
    CHARTS.email: "the observation charts are not played",
    PATIENT.email: "his cuff and his plan are not played",
    SECOND_PATIENT.email: "her plan is not played",
}
OWN_ACCOUNT = {PATIENT.email: WITH_CUFF, SECOND_PATIENT.email: WITH_PLAN}
CARE_PLANS = dict(zip(AT_HOME, EICU_STAYS, strict=True))

BIDMC = DATA / "bidmc_numerics"
MIMIC = DATA / "mimic3_demo_vitals" / "CHARTEVENTS_vitals.csv"
HOME_BP = DATA / "home_bp" / "bp_jhs.csv"


def numerics_file(number: str) -> Path:
    """Return the file of one monitor recording."""
    return BIDMC / f"bidmc_{number}_Numerics.csv"
