"""The seventeen vital signs: the data of the catalogue, and nothing that decides.

Hard and confirm limits are for adults and are this project's proposal, chosen in and around the ranges that others
use; a clinical safety officer must approve them before live use, and the staleness windows with them. Codes: LOINC
and SNOMED CT as FHIR R4 vital signs and UK Core name them; units: UCUM, case sensitive. A sign that is added needs a
migration, too: a letter in `sign_letter` and `sign_name` (0077).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from domain.observations.vital_sign import Aliases, Coding, Limits, Part, Range, Unit, VitalSign

# How long the latest value of a sign may stand for the present before a screen must call it stale. [proposal]
# A day for what is measured at home daily or more often; longer for what changes and is measured slowly.
STALE_AFTER = timedelta(hours=24)
STALE_AFTER_WEEKLY = timedelta(days=7)
STALE_AFTER_HALF_YEARLY = timedelta(days=183)
STALE_AFTER_YEARLY = timedelta(days=365)

# A weight this far from the one before is more often another person, a wrong unit or a slip. [proposal]
WEIGHT_CHANGE_TO_CONFIRM = Decimal("0.10")

# mg/dL per mmol/L of glucose (molar mass 180.182 g/mol). Sources differ in the last digits: the original is kept.
GLUCOSE_MG_DL_PER_MMOL_L = Fraction("18.0182")
# NGSP % = 0.0915 x IFCC mmol/mol + 2.15, the IFCC master equation.
HBA1C_SLOPE, HBA1C_INTERCEPT = Fraction("0.0915"), Fraction("2.15")
KG_PER_LB, KG_PER_STONE = Fraction("0.45359237"), Fraction("6.35029318")
MMHG_PER_KPA = 1000 / Fraction("133.322387415")


def _limits(low: str, high: str) -> Limits:
    return Limits(Decimal(low), Decimal(high))


def _range(unit: str, hard: tuple[str, str], confirm: tuple[str, str], loinc: str | None = None) -> Range:
    return Range(unit, _limits(*hard), _limits(*confirm), loinc)


def _as_is(ucum: str, display: str) -> Unit:
    return Unit(ucum, display, ucum)


_ALL = (
    VitalSign(
        key="heart_rate",
        display="Heart rate",
        category="vital-signs",
        loinc=(Coding("8867-4", "Heart rate"),),
        snomed=(
            Coding("364075005", "Heart rate"),
            Coding("78564009", "Pulse rate"),
            Coding("444981005", "Resting heart rate"),
        ),
        stale_after=STALE_AFTER,
        decimals=0,
        units=(_as_is("/min", "beats/min"),),
        ranges=(_range("/min", ("10", "300"), ("30", "200")),),
        aliases=Aliases(ucum=("{beats}/min", "{Beats}/min", "beats/min"), loinc=("40443-4",)),
    ),
    VitalSign(
        key="respiratory_rate",
        display="Respiratory rate",
        category="vital-signs",
        loinc=(Coding("9279-1", "Respiratory rate"),),
        snomed=(Coding("86290005", "Respiratory rate"),),
        stale_after=STALE_AFTER,
        decimals=0,
        units=(_as_is("/min", "breaths/min"),),
        ranges=(_range("/min", ("1", "100"), ("6", "50")),),
        aliases=Aliases(ucum=("{breaths}/min", "{Breaths}/min")),
    ),
    VitalSign(
        key="oxygen_saturation",
        display="Oxygen saturation (pulse oximetry)",
        category="vital-signs",
        loinc=(
            Coding("2708-6", "Oxygen saturation in Arterial blood"),
            Coding("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry"),
        ),
        snomed=(Coding("431314004", "Peripheral oxygen saturation"), Coding("103228002", "Oxygen saturation")),
        stale_after=STALE_AFTER,
        decimals=0,
        units=(_as_is("%", "%"),),
        ranges=(_range("%", ("1", "100"), ("70", "100")),),
        mistakable=(Unit("1", "a fraction of one", "%", scale=Fraction(100)),),
    ),
    VitalSign(
        key="inspired_oxygen",
        display="Inspired / supplemental oxygen",
        category="therapy",
        loinc=(Coding("3151-8", "Inhaled oxygen flow rate"), Coding("3150-0", "Inhaled oxygen concentration")),
        snomed=(Coding("722742002", "Breathing room air"), Coding("371825009", "Patient on oxygen")),
        stale_after=STALE_AFTER,
        decimals=1,
        units=(_as_is("L/min", "L/min"), _as_is("%", "%")),
        ranges=(
            _range("L/min", ("0", "70"), ("0", "15"), loinc="3151-8"),
            _range("%", ("21", "100"), ("21", "60"), loinc="3150-0"),
        ),
    ),
    VitalSign(
        key="blood_pressure",
        display="Blood pressure",
        category="vital-signs",
        loinc=(Coding("85354-9", "Blood pressure panel with all children optional"),),
        snomed=(Coding("75367002", "Blood pressure"),),
        stale_after=STALE_AFTER,
        decimals=0,
        units=(_as_is("mm[Hg]", "mmHg"),),
        parts=(
            Part(
                "systolic",
                Coding("8480-6", "Systolic blood pressure"),
                Coding("72313002", "Systolic arterial pressure"),
                _limits("30", "300"),
                _limits("60", "250"),
            ),
            Part(
                "diastolic",
                Coding("8462-4", "Diastolic blood pressure"),
                Coding("1091811000000102", "Diastolic arterial pressure"),
                _limits("10", "200"),
                _limits("30", "150"),
            ),
        ),
        mistakable=(Unit("kPa", "kPa", "mm[Hg]", scale=MMHG_PER_KPA),),
        aliases=Aliases(loinc=("55284-4",), snomed=("271649006", "271650006")),
    ),
    VitalSign(
        key="body_temperature",
        display="Body temperature",
        category="vital-signs",
        loinc=(Coding("8310-5", "Body temperature"),),
        snomed=(Coding("386725007", "Body temperature"), Coding("276885007", "Core body temperature")),
        stale_after=STALE_AFTER,
        decimals=1,
        units=(
            _as_is("Cel", "°C"),
            Unit("[degF]", "°F", "Cel", scale=Fraction(5, 9), offset=Fraction(-160, 9)),
        ),
        ranges=(_range("Cel", ("25", "45"), ("34", "42")),),
    ),
    VitalSign(
        key="body_weight",
        display="Body weight",
        category="vital-signs",
        loinc=(Coding("29463-7", "Body weight"),),
        snomed=(Coding("27113001", "Body weight"),),
        stale_after=STALE_AFTER_WEEKLY,
        decimals=1,
        units=(
            _as_is("kg", "kg"),
            Unit("g", "g", "kg", scale=Fraction(1, 1000)),
            Unit("[lb_av]", "lb", "kg", scale=KG_PER_LB),
        ),
        ranges=(_range("kg", ("0.3", "500"), ("30", "250")),),
        change_to_confirm=WEIGHT_CHANGE_TO_CONFIRM,
        mistakable=(Unit("[stone_av]", "stone", "kg", scale=KG_PER_STONE),),
    ),
    VitalSign(
        key="body_height",
        display="Body height",
        category="vital-signs",
        loinc=(Coding("8302-2", "Body height"),),
        snomed=(Coding("50373000", "Body height measure"),),
        stale_after=STALE_AFTER_YEARLY,
        decimals=1,
        units=(
            _as_is("cm", "cm"),
            Unit("m", "m", "cm", scale=Fraction(100)),
            Unit("[in_i]", "in", "cm", scale=Fraction("2.54")),
        ),
        ranges=(_range("cm", ("10", "275"), ("100", "220")),),
    ),
    VitalSign(
        key="bmi",
        display="Body mass index",
        category="vital-signs",
        loinc=(Coding("39156-5", "Body mass index (BMI) [Ratio]"),),
        snomed=(Coding("60621009", "Body mass index"),),
        stale_after=STALE_AFTER_WEEKLY,
        decimals=1,
        units=(_as_is("kg/m2", "kg/m²"),),
        ranges=(_range("kg/m2", ("5", "150"), ("12", "70")),),
        derived=True,
    ),
    VitalSign(
        key="blood_glucose",
        display="Blood glucose (capillary)",
        category="vital-signs",
        loinc=(
            Coding("14743-9", "Glucose [Moles/volume] in Capillary blood by Glucometer"),
            Coding("41653-7", "Glucose [Mass/volume] in Capillary blood by Glucometer"),
        ),
        snomed=(Coding("997671000000106", "Blood glucose level"), Coding("434911002", "Plasma glucose concentration")),
        stale_after=STALE_AFTER,
        decimals=1,
        units=(
            _as_is("mmol/L", "mmol/L"),
            Unit("mg/dL", "mg/dL", "mmol/L", scale=1 / GLUCOSE_MG_DL_PER_MMOL_L),
        ),
        ranges=(_range("mmol/L", ("0.3", "60"), ("2.0", "33.3"), loinc="14743-9"),),
        comparators=True,
    ),
    VitalSign(
        key="blood_ketones",
        display="Blood ketones (capillary)",
        category="laboratory",
        loinc=(),
        snomed=(),
        stale_after=STALE_AFTER,
        decimals=1,
        units=(_as_is("mmol/L", "mmol/L"),),
        ranges=(_range("mmol/L", ("0", "15"), ("0", "8")),),
    ),
    VitalSign(
        key="peak_expiratory_flow",
        display="Peak expiratory flow",
        category="vital-signs",
        loinc=(
            Coding("19935-6", "Maximum expiratory gas flow Respiratory system airway by Peak flow meter"),
            Coding("33452-4", "Maximum expiratory gas flow Respiratory system airway"),
        ),
        snomed=(
            Coding("18491006", "Peak expiratory flow rate"),
            Coding("251936000", "Best ever peak expiratory flow rate"),
            Coding("313192007", "Expected peak expiratory flow rate"),
        ),
        stale_after=STALE_AFTER,
        decimals=0,
        units=(
            _as_is("L/min", "L/min"),
            Unit("L/s", "L/s", "L/min", scale=Fraction(60)),
            Unit("cL/s", "cL/s", "L/min", scale=Fraction("0.6")),
        ),
        ranges=(_range("L/min", ("20", "1000"), ("60", "800")),),
    ),
    VitalSign(
        key="consciousness_acvpu",
        display="Consciousness (ACVPU)",
        category="survey",
        loinc=(),
        snomed=(Coding("1104441000000107", "ACVPU (Alert Confusion Voice Pain Unresponsive) scale score"),),
        stale_after=STALE_AFTER,
        answers=(
            ("A", Coding("248234008", "Mentally alert")),
            ("C", Coding("130987000", "Acute confusion")),
            ("V", Coding("300202002", "Responds to voice")),
            ("P", Coding("450847001", "Responds to pain")),
            ("U", Coding("422768004", "Unresponsive")),
        ),
    ),
    VitalSign(
        key="pain_score",
        display="Pain score (0-10)",
        category="vital-signs",
        loinc=(Coding("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported"),),
        snomed=(Coding("225908003", "Pain score"),),
        stale_after=STALE_AFTER,
        decimals=0,
        units=(_as_is("{score}", "/10"),),
        ranges=(_range("{score}", ("0", "10"), ("0", "10")),),
        whole=True,
        aliases=Aliases(loinc=("38208-5",)),
    ),
    VitalSign(
        key="steps",
        display="Step count",
        category="activity",
        loinc=(
            Coding("55423-8", "Number of steps in unspecified time Pedometer"),
            Coding("41950-7", "Number of steps in 24 hour Measured"),
        ),
        snomed=(),
        stale_after=STALE_AFTER,
        decimals=0,
        units=(Unit("{steps}", "steps", "{count}"), _as_is("{count}", "steps")),
        ranges=(_range("{count}", ("0", "200000"), ("0", "60000")),),
        whole=True,
    ),
    VitalSign(
        key="hba1c",
        display="HbA1c",
        category="laboratory",
        loinc=(
            Coding("59261-8", "Hemoglobin A1c/Hemoglobin.total standardized per IFCC-RMP for CDT in Blood"),
            Coding("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
        ),
        snomed=(
            Coding("999791000000106", "Haemoglobin A1c level - IFCC standardised"),
            Coding("1107481000000106", "HbA1c (haemoglobin A1c) substance concentration in blood"),
        ),
        stale_after=STALE_AFTER_HALF_YEARLY,
        decimals=0,
        units=(
            _as_is("mmol/mol", "mmol/mol"),
            Unit("%", "% (NGSP)", "mmol/mol", scale=1 / HBA1C_SLOPE, offset=-HBA1C_INTERCEPT / HBA1C_SLOPE),
        ),
        ranges=(_range("mmol/mol", ("9", "200"), ("15", "160"), loinc="59261-8"),),
    ),
    VitalSign(
        key="news2_total",
        display="NEWS2 total score",
        category="survey",
        loinc=(),
        snomed=(Coding("1104051000000101", "Royal College of Physicians NEWS2 - total score"),),
        stale_after=STALE_AFTER,
        decimals=0,
        units=(_as_is("{ScoreOf}", "score"),),
        ranges=(_range("{ScoreOf}", ("0", "20"), ("0", "20")),),
        derived=True,
        whole=True,
    ),
)

CATALOGUE: Mapping[str, VitalSign] = MappingProxyType({sign.key: sign for sign in _ALL})
