"""Cut the demo's small subsets from the full datasets: `python -m demo.prepare_data <folder of datasets>`.

Copies values untouched and drops only columns and rows that the demo does not read, so that a diff against the
source stays possible. The licences stand beside each subset; running this again must change nothing.
"""

from __future__ import annotations

import csv
import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from demo.choose_stays import choose, courses
from demo.readers.eicu import SUITABLE_GOALS, SUITABLE_ITEMS
from demo.readers.mimic import ITEMS

DATA = Path(__file__).parent / "data"

# Twelve different people (the publisher's own subject ids differ; several files share one person), chosen to show a
# steady trace, drop-outs (01, 13, 19), low saturation (04, 22), slow or no respiration (05, 13, 15), a fast heart (25).
BIDMC_NUMBERS = ("01", "03", "04", "05", "12", "13", "14", "15", "19", "22", "25", "26")
# Two people who went home, with progress charted: heart failure at 71, and a metabolic crisis at 58.
EICU_STAYS = ("3140371", "3136219")
# Four homes of different kind and size, and two practices: by their published identifiers.
CQC_IDS = ("1-303667371", "1-122648952", "1-5051437274", "1-23098133995")
PRACTICE_CODES = ("P91006", "P91016")

Row = dict[str, str]


def cut(source: Path, target: Path, columns: Iterable[str], keep: Callable[[Row], bool]) -> None:
    """Write the named columns of the rows to keep, in the source's order and spelling."""
    names = list(columns)
    with source.open(encoding="utf-8", newline="") as file, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in csv.DictReader(file) if keep(row))


def cut_bidmc(source: Path, target: Path) -> None:
    """Copy twelve numerics files as they are, and the publisher's own statement."""
    for number in BIDMC_NUMBERS:
        shutil.copyfile(source / f"bidmc_{number}_Numerics.csv", target / f"bidmc_{number}_Numerics.csv")
    shutil.copyfile(source / "LICENSE", target / "UPSTREAM_STATEMENT.txt")


def cut_mimic(source: Path, target: Path) -> None:
    """Cut the three chosen stays, erroneous rows and artefacts included: dropping them is the reader's work."""
    stays = set(choose(courses(source)).values())
    columns = ("icustay_id", "itemid", "charttime", "value", "valuenum", "valueuom", "error")
    cut(
        source / "CHARTEVENTS_vitals.csv",
        target / "CHARTEVENTS_vitals.csv",
        columns,
        lambda row: row["icustay_id"] in stays and row["itemid"] in ITEMS,
    )
    shutil.copyfile(source / "LICENSE_ODbL.md", target / "LICENSE_ODbL.md")


def cut_eicu(source: Path, target: Path) -> None:
    """Cut the goals and care-plan items of two stays that a person at home can use."""
    cut(
        source / "carePlanGoal.csv",
        target / "carePlanGoal.csv",
        ("cplgoalid", "patientunitstayid", "cplgoaloffset", "cplgoalcategory", "cplgoalvalue", "cplgoalstatus"),
        lambda row: row["patientunitstayid"] in EICU_STAYS and row["cplgoalvalue"] in SUITABLE_GOALS,
    )
    cut(
        source / "carePlanGeneral.csv",
        target / "carePlanGeneral.csv",
        ("cplgeneralid", "patientunitstayid", "cplitemoffset", "cplgroup", "cplitemvalue"),
        lambda row: row["patientunitstayid"] in EICU_STAYS and (row["cplgroup"], row["cplitemvalue"]) in SUITABLE_ITEMS,
    )
    shutil.copyfile(source / "LICENSE_ODbL.md", target / "LICENSE_ODbL.md")


def cut_home_bp(source: Path, target: Path) -> None:
    """Cut the instants and the three measured columns of bp_jhs; the rest is derived from them."""
    columns = ("DateTime", "Sys.mmHg.", "Dias.mmHg.", "Pulse.bpm.")
    cut(source / "bp_jhs.csv", target / "bp_jhs.csv", columns, lambda _: True)


def cut_places(source: Path, target: Path) -> None:
    """Cut four care homes and two practices, without telephone numbers."""
    cut(
        source / "trafford_care_homes.csv",
        target / "trafford_care_homes.csv",
        ("name", "cqc_id", "type", "address", "postcode", "provider"),
        lambda row: row["cqc_id"] in CQC_IDS,
    )
    cut(
        source / "trafford_gp_patient_registrations.csv",
        target / "trafford_gp_patient_registrations.csv",
        ("practice_code", "practice_name", "practice_postcode", "registered_patients", "locality"),
        lambda row: row["practice_code"] in PRACTICE_CODES,
    )
    shutil.copyfile(source / "LICENSE_OGL3.txt", target / "LICENSE_OGL3.txt")


STEPS = {
    "bidmc_numerics": cut_bidmc,
    "mimic3_demo_vitals": cut_mimic,
    "eicu_demo_careplan": cut_eicu,
    "home_bp": cut_home_bp,
    "uk_nhs_reference": cut_places,
}


def prepare(source: Path, target: Path) -> None:
    """Write every subset below `target` from the full datasets below `source`."""
    for name, step in STEPS.items():
        (target / name).mkdir(parents=True, exist_ok=True)
        step(source / name, target / name)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), DATA)
