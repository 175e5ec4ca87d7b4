"""What an installation of any size would need: nodes, PostgreSQL servers, storage, money. Pure arithmetic.

Measured is what one small machine did; everything beyond that is assumed, said so, and can be changed. Units are in the
names; money is pounds. Nothing that was not measured has a value here: it is an error.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from api.worker import EVENTS_KEPT
from domain.observations.removal_commands import LEAST_YEARS_KEPT
from domain.rights.retention import AUDIT, YEAR

POPULATIONS = (10_000, 1_000_000, 50_000_000)
YEARS = (1, LEAST_YEARS_KEPT, 30)
DAY_SECONDS = 86_400
YEAR_DAYS = YEAR.total_seconds() / DAY_SECONDS
HOURS_A_MONTH = 730
GB = 1e9
HUNDRED = 100
"""How many readings were in a post where batches were measured."""
AUDIT_YEARS_KEPT = (AUDIT.kept_for or YEAR) / YEAR


class NotMeasured(ValueError):
    """A figure that is projected from was not measured; says which, and what measures it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run found, each figure by its name, on so many cores that clients, nodes and PostgreSQL shared."""

    cores: int
    singles_per_second: float
    batched_per_second: float
    single_messages_per_second: float
    batched_messages_per_second: float
    sockets_per_process: float
    reading_bytes_single: float
    reading_bytes_batched: float
    audit_bytes_single: float
    audit_bytes_batched: float
    event_bytes_single: float
    event_bytes_batched: float
    daily_summary_bytes: float
    latest_bytes: float

    def __post_init__(self) -> None:
        """Refuse what nobody can have measured."""
        if self.cores < 1 or any(getattr(self, each.name) <= 0 for each in fields(self)):
            raise ValueError("a measured figure is above 0")


FOUND_BY: Mapping[str, str] = {
    "singles_per_second": "loads",
    "batched_per_second": "loads",
    "single_messages_per_second": "live",
    "batched_messages_per_second": "live",
    "sockets_per_process": "footprint",
    "reading_bytes_single": "storage",
    "reading_bytes_batched": "storage",
    "audit_bytes_single": "storage",
    "audit_bytes_batched": "storage",
    "event_bytes_single": "storage",
    "event_bytes_batched": "storage",
    "daily_summary_bytes": "reads",
    "latest_bytes": "reads",
}
"""Which part of the bench measures each."""


def measured(cores: int, figures: Mapping[str, float]) -> Measured:
    """Return the figures that are projected from. Raises NotMeasured if one is missing: none has a default."""
    if missing := [f"{name} (`python -m benchmarks {part}`)" for name, part in FOUND_BY.items() if name not in figures]:
        raise NotMeasured(f"not measured: {', '.join(missing)}")
    return Measured(cores, **{name: figures[name] for name in FOUND_BY})


def _assumed(value: float, unit: str, why: str) -> float:
    found: float = field(default=value, metadata={"unit": unit, "why": why})
    return found


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is not measured. Each says its unit and where it is from."""

    home_share: float = _assumed(0.90, "of patients", "measure at home, by hand")
    home_readings_per_day: float = _assumed(4, "readings a day", "blood pressure twice a day, weight, a saturation")
    home_readings_per_post: float = _assumed(1, "readings a post", "each is sent when it is taken")
    home_signs: float = _assumed(3, "signs a day", "so many daily summaries a patient")
    watch_share: float = _assumed(0.09, "of patients", "wear a device that sends by itself")
    watch_readings_per_day: float = _assumed(288, "readings a day", "one every five minutes")
    watch_readings_per_post: float = _assumed(1, "readings a post", "each is sent when it is taken")
    watch_signs: float = _assumed(1, "signs a day", "a heart rate")
    resident_share: float = _assumed(0.01, "of patients", "live in a care home")
    resident_readings_per_day: float = _assumed(12, "readings a day", "two sets of six signs (NEWS2)")
    resident_readings_per_post: float = _assumed(6, "readings a post", "staff send a set together")
    resident_signs: float = _assumed(6, "signs a day", "those of a set")
    looks_per_day: float = _assumed(
        2, "looks a patient a day", "each is a row of the audit trail; a board of 200 is 200 of them"
    )
    peak_factor: float = _assumed(4, "× the mean", "the busiest hour; everybody measures before breakfast")
    watchers_per_patient: float = _assumed(0.05, "screens", "a board of 200 patients, ten boards at a time")
    sockets_per_patient: float = _assumed(0.01, "sockets", "patients' own apps in use at the peak, and the boards")
    utilisation: float = _assumed(0.5, "of what is there", "the rest is head-room: a node that dies, a bad minute")
    database_share: float = _assumed(0.5, "of the processor time", "PostgreSQL's part of what was measured together")
    cores_per_node: float = _assumed(4, "cores", "an API node")
    cores_per_server: float = _assumed(32, "cores", "the largest PostgreSQL server that is taken")
    server_efficiency: float = _assumed(0.6, "of linear", "what a core more adds: one log is flushed for all")
    readings_kept_years: float = _assumed(LEAST_YEARS_KEPT, "years", "the least by policy: no reading goes earlier")
    audit_kept_years: float = _assumed(AUDIT_YEARS_KEPT, "years", "by policy")
    copies: float = _assumed(3, "copies", "primary, standby, backups")
    server_storage_gb: float = _assumed(16_000, "GB", "the largest disk that is taken for one server")
    node_core_hour_pounds: float = _assumed(0.04, "£", "a rented core with 4 GB; assumed, ask your supplier")
    database_core_hour_pounds: float = _assumed(0.07, "£", "a managed PostgreSQL's core with 4 GB; assumed, likewise")
    storage_gb_month_pounds: float = _assumed(
        0.09, "£", "AWS RDS gp3, $0.115, US East, as told by usage.ai in June 2026, at $1.30 to the pound"
    )

    def __post_init__(self) -> None:
        """Refuse what would make nonsense of the rest."""
        shares = (self.home_share, self.watch_share, self.resident_share, self.database_share)
        if any(not 0 <= share <= 1 for share in shares) or sum(shares[:3]) > 1.000_001:
            raise ValueError("shares are from 0 to 1, and those of patients 1 together at most")
        if not 0 < self.utilisation <= 1 or not 0 < self.server_efficiency <= 1 or self.peak_factor < 1:
            raise ValueError("utilisation and efficiency are above 0 up to 1, and a peak is no less than the mean")
        if any(getattr(self, each.name) < 0 for each in fields(self)):
            raise ValueError("nothing here is below 0")
        together = (self.home_readings_per_post, self.watch_readings_per_post, self.resident_readings_per_post)
        if any(not 1 <= each <= 1_000 for each in together):
            raise ValueError("a post has from 1 to 1,000 readings")

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Return how each kind of patient sends."""
        return tuple(
            Kind(*(getattr(self, f"{kind}_{what}") for what in ("share", *Kind.__slots__[1:])))
            for kind in ("home", "watch", "resident")
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A share of the patients, how many readings each sends a day, how many in a post, and of how many signs."""

    share: float
    readings_per_day: float
    readings_per_post: float
    signs: float


def each_of(together: float, single: float, hundredth: float) -> float:
    """Return what a reading costs of so many in one post, from what a single one does and one of a hundred.

    A post costs something by itself and the same for each reading, which the two tell: one and a hundred of them.
    """
    more = (HUNDRED * hundredth - single) / (HUNDRED - 1)
    return (single + (together - 1) * more) / together


@dataclass(frozen=True, slots=True)
class Projection:
    """What so many patients need after so many years. `stored_gb`: by kind, one copy."""

    patients: int
    years: float
    readings_per_day: float
    peak_readings_per_second: float
    nodes: int
    servers: int
    servers_by_disk: int
    cores_of_servers: float
    stored_gb: Mapping[str, float]
    storage_gb: float
    pounds_a_month: float

    @property
    def pounds_a_patient_year(self) -> float:
        """Return what one patient costs in a year."""
        return 12 * self.pounds_a_month / self.patients


def projected(patients: int, years: float, found: Measured, assumed: Assumptions) -> Projection:
    """Return what so many patients need, once so many years of their readings have come in."""
    peak = assumed.peak_factor / DAY_SECONDS
    readings = patients * sum(kind.share * kind.readings_per_day for kind in assumed.kinds)
    busy = patients * peak * found.cores * _seconds_a_patient_day(found, assumed)
    for_messages = patients * peak * assumed.watchers_per_patient * _telling_a_patient_day(found, assumed)
    for_sockets = patients * assumed.sockets_per_patient / found.sockets_per_process
    # A process is one core's; sockets and messages load it besides recording.
    of_nodes = (busy * (1 - assumed.database_share) + max(for_messages, for_sockets)) / assumed.utilisation
    nodes = max(2, math.ceil(of_nodes / assumed.cores_per_node))
    cores = busy * assumed.database_share / assumed.utilisation
    stored = stored_gb(patients, years, found, assumed)
    one_copy = sum(stored.values())
    by_disk = max(1, math.ceil(one_copy / assumed.server_storage_gb))
    servers = max(math.ceil(cores / server_capacity(assumed)), by_disk)
    rented = rented_cores(cores / servers, assumed) * servers
    storage_gb = one_copy * assumed.copies
    pounds = storage_gb * assumed.storage_gb_month_pounds + HOURS_A_MONTH * (
        nodes * assumed.cores_per_node * assumed.node_core_hour_pounds
        + 2 * rented * assumed.database_core_hour_pounds  # each has a standby
    )
    return Projection(
        patients, years, readings, readings * peak, nodes, servers, by_disk, rented, stored, storage_gb, pounds
    )


def stored_gb(patients: int, years: float, found: Measured, assumed: Assumptions) -> dict[str, float]:
    """Return gigabytes by kind, one copy: what was recorded in these years and is still kept by policy."""
    days_of_readings = YEAR_DAYS * min(years, assumed.readings_kept_years)
    days_of_audit = YEAR_DAYS * min(years, assumed.audit_kept_years)
    signs = sum(kind.share * kind.signs for kind in assumed.kinds)
    readings = _bytes(assumed, found.reading_bytes_single, found.reading_bytes_batched)
    trail = _bytes(assumed, found.audit_bytes_single, found.audit_bytes_batched)
    events = _bytes(assumed, found.event_bytes_single, found.event_bytes_batched)
    posts = sum(kind.share * kind.readings_per_day / kind.readings_per_post for kind in assumed.kinds)
    all_posts = patients * posts * YEAR_DAYS * years
    kept = min(1.0, EVENTS_KEPT / all_posts) if all_posts else 0.0
    return {
        "readings": patients * days_of_readings * readings / GB,
        "daily summaries": patients * YEAR_DAYS * years * signs * found.daily_summary_bytes / GB,
        "latest of each sign": patients * signs * found.latest_bytes / GB,
        "audit of recording": patients * days_of_audit * trail / GB,
        "audit of looks": patients * days_of_audit * assumed.looks_per_day * found.audit_bytes_single / GB,
        "events": kept * patients * YEAR_DAYS * years * events / GB,
    }


def _each(assumed: Assumptions, single: float, hundredth: float) -> Iterator[float]:
    for kind in assumed.kinds:
        yield kind.share * kind.readings_per_day * each_of(kind.readings_per_post, single, hundredth)


def _bytes(assumed: Assumptions, single: float, hundredth: float) -> float:
    """Return the bytes of a day of the mean patient."""
    return sum(_each(assumed, single, hundredth))


def _seconds_a_patient_day(found: Measured, assumed: Assumptions) -> float:
    """Return for how long the measured machine is busy with a day of the mean patient."""
    return sum(_each(assumed, 1 / found.singles_per_second, 1 / found.batched_per_second))


def _telling_a_patient_day(found: Measured, assumed: Assumptions) -> float:
    """Return for how long a process tells one screen of a day of the mean patient: a message is a post's."""
    hundredth = 1 / found.batched_messages_per_second / HUNDRED
    return sum(_each(assumed, 1 / found.single_messages_per_second, hundredth))


def server_capacity(assumed: Assumptions) -> float:
    """Return how many of the measured machine's cores the largest server is worth: the first whole, the others less."""
    return 1 + (assumed.cores_per_server - 1) * assumed.server_efficiency


def rented_cores(needed: float, assumed: Assumptions) -> float:
    """Return how many cores a server must have to be worth so many; two at the least."""
    return max(2.0, math.ceil(1 + max(0.0, needed - 1) / assumed.server_efficiency))
