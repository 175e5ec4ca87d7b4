"""What an installation of any size would need: nodes, PostgreSQL servers, storage, money. Pure arithmetic.

Measured is what one small machine did; everything beyond that is assumed, said so, and can be changed. Units are in the
names; money is pounds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

POPULATIONS = (10_000, 1_000_000, 50_000_000)
DAY_SECONDS = 86_400
HOURS_A_MONTH = 730
GB = 1e9


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run found, on so many cores that clients, nodes and PostgreSQL shared; None: it did not look."""

    date: str
    cores: int
    singles_per_second: float | None = None
    batched_per_second: float | None = None
    messages_per_second: float | None = None
    sockets_per_process: float | None = None
    bytes_a_single: float | None = None
    bytes_batched: float | None = None

    def __post_init__(self) -> None:
        """Refuse what nobody can have measured."""
        if self.cores < 1 or any(figure is not None and figure <= 0 for figure in self.figures.values()):
            raise ValueError("a measured figure is above 0")

    @property
    def figures(self) -> Mapping[str, float | None]:
        """Return what was measured, by name."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name not in {"date", "cores"}}


def _assumed(value: float, unit: str, why: str) -> float:
    found: float = field(default=value, metadata={"unit": unit, "why": why})
    return found


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is not measured. Each says its unit and where it is from."""

    home_share: float = _assumed(0.90, "of patients", "measure at home, by hand; each reading is a post of its own")
    home_readings_per_day: float = _assumed(4, "readings a day", "blood pressure twice a day, weight, a saturation")
    watch_share: float = _assumed(0.09, "of patients", "wear a device that sends by itself, in batches")
    watch_readings_per_day: float = _assumed(288, "readings a day", "one every five minutes")
    resident_share: float = _assumed(0.01, "of patients", "live in a care home; staff send sets, in batches")
    resident_readings_per_day: float = _assumed(12, "readings a day", "two sets of six signs (NEWS2)")
    peak_factor: float = _assumed(4, "× the mean", "the busiest hour; everybody measures before breakfast")
    watchers_per_patient: float = _assumed(0.05, "screens", "a board of 200 patients, ten boards at a time")
    sockets_per_patient: float = _assumed(0.01, "sockets", "patients' own apps in use at the peak, and the boards")
    utilisation: float = _assumed(0.5, "of what is there", "the rest is head-room: a node that dies, a bad minute")
    database_share: float = _assumed(0.5, "of the processor time", "PostgreSQL's part of what was measured together")
    cores_per_node: float = _assumed(4, "cores", "an API node")
    cores_per_server: float = _assumed(32, "cores", "the largest PostgreSQL server that is taken")
    server_efficiency: float = _assumed(0.6, "of linear", "what a core more adds: one log is flushed for all")
    rows_kept_years: float = _assumed(2, "years", "readings kept raw; what is summed up for ever is not counted")
    copies: float = _assumed(3, "copies", "primary, standby, backups")
    server_storage_gb: float = _assumed(16_000, "GB", "the largest disk that is taken for one server")
    messages_per_second: float = _assumed(10_000, "a second", "to screens by one process, where it was not measured")
    sockets_per_process: float = _assumed(2_000, "sockets", "on one process, where it was not measured")
    bytes_a_single: float = _assumed(1_160, "bytes", "where it was not measured: CHANGELOG, November 2026")
    bytes_batched: float = _assumed(500, "bytes", "where it was not measured: CHANGELOG, November 2026")
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


@dataclass(frozen=True, slots=True)
class Projection:
    """What so many patients need."""

    patients: int
    readings_per_day: float
    peak_readings_per_second: float
    nodes: int
    servers: int
    servers_by_disk: int
    cores_of_servers: float
    storage_gb: float
    pounds_a_month: float

    @property
    def pounds_a_patient_year(self) -> float:
        """Return what one patient costs in a year."""
        return 12 * self.pounds_a_month / self.patients


def projected(patients: int, measured: Measured, assumed: Assumptions) -> Projection:
    """Return what so many patients need. Raises ValueError where no rate of recording was measured."""
    if measured.singles_per_second is None or measured.batched_per_second is None:
        raise ValueError("how many readings a second are recorded was not measured")
    singles = patients * assumed.home_share * assumed.home_readings_per_day
    batched = patients * (
        assumed.watch_share * assumed.watch_readings_per_day
        + assumed.resident_share * assumed.resident_readings_per_day
    )
    peak = assumed.peak_factor / DAY_SECONDS
    # Core-seconds of all parts together, at the peak, in a second: cores that are wholly busy.
    busy = measured.cores * peak * (singles / measured.singles_per_second + batched / measured.batched_per_second)
    messages = (singles + batched) * peak * assumed.watchers_per_patient
    for_messages = messages / (measured.messages_per_second or assumed.messages_per_second)
    for_sockets = patients * assumed.sockets_per_patient / (measured.sockets_per_process or assumed.sockets_per_process)
    # A process is one core's; sockets and messages load it besides recording.
    of_nodes = (busy * (1 - assumed.database_share) + max(for_messages, for_sockets)) / assumed.utilisation
    nodes = max(2, math.ceil(of_nodes / assumed.cores_per_node))
    cores = busy * assumed.database_share / assumed.utilisation
    kept = 365 * assumed.rows_kept_years
    raw_gb = (
        kept
        / GB
        * (
            singles * (measured.bytes_a_single or assumed.bytes_a_single)
            + batched * (measured.bytes_batched or assumed.bytes_batched)
        )
    )
    by_disk = max(1, math.ceil(raw_gb / assumed.server_storage_gb))
    servers = max(math.ceil(cores / server_capacity(assumed)), by_disk)
    rented = rented_cores(cores / servers, assumed) * servers
    storage_gb = raw_gb * assumed.copies
    pounds = storage_gb * assumed.storage_gb_month_pounds + HOURS_A_MONTH * (
        nodes * assumed.cores_per_node * assumed.node_core_hour_pounds
        + 2 * rented * assumed.database_core_hour_pounds  # each has a standby
    )
    readings = singles + batched
    return Projection(patients, readings, readings * peak, nodes, servers, by_disk, rented, storage_gb, pounds)


def server_capacity(assumed: Assumptions) -> float:
    """Return how many of the measured machine's cores the largest server is worth: the first whole, the others less."""
    return 1 + (assumed.cores_per_server - 1) * assumed.server_efficiency


def rented_cores(needed: float, assumed: Assumptions) -> float:
    """Return how many cores a server must have to be worth so many; two at the least."""
    return max(2.0, math.ceil(1 + max(0.0, needed - 1) / assumed.server_efficiency))


def tables(measured: Measured, assumed: Assumptions, populations: Sequence[int] = POPULATIONS) -> str:
    """Return what was measured, what is assumed, and what follows, as Markdown."""
    rows = [projected(patients, measured, assumed) for patients in populations]
    measured_rows = [f"| {_words(name)} | {_figure(figure)} |" for name, figure in measured.figures.items()]
    assumed_rows = [
        f"| `--{each.name.replace('_', '-')}` | {_figure(getattr(assumed, each.name))} {each.metadata['unit']} |"
        f" {each.metadata['why']} |"
        for each in fields(assumed)
    ]
    return "\n".join(
        [
            f"**Measured** ({measured.date}, {measured.cores} cores shared by clients, nodes and PostgreSQL):\n",
            *("| figure | |", "|---|---|"),
            *measured_rows,
            "\n**Assumed** (change any by its option):\n",
            *("| option | | why |", "|---|---|---|"),
            *assumed_rows,
            "\n**Projected**, in the busiest hour, with head-room:\n",
            _HEAD,
            "|---|---|---|---|---|---|---|---|",
            *map(_row, rows),
            f"\n{_ceiling(measured, assumed)}\n\n{_HONESTY}",
        ]
    )


_HEAD = (
    "| patients | readings a day | a second at the peak | nodes | PostgreSQL servers, and a standby of each"
    " | GB with copies | £ a month | £ a patient a year |"
)
_HONESTY = (
    "Only what one machine did is measured. That cores add up, that a server grows as assumed, and that patients divide"
    " evenly among several servers ([docs/scale.md](../docs/scale.md)) is extrapolated: nobody has run it."
)


def _row(found: Projection) -> str:
    reason = "for their disks" if found.servers == found.servers_by_disk > 1 else "for what is written"
    servers = f"{found.servers:,} × {found.cores_of_servers / found.servers:,.0f} cores"
    if found.servers > 1:
        servers += f", {reason}"
    cells = (
        f"{found.patients:,}",
        f"{found.readings_per_day:,.0f}",
        f"{found.peak_readings_per_second:,.0f}",
        f"{found.nodes:,}",
        servers,
        f"{found.storage_gb:,.0f}",
        f"{found.pounds_a_month:,.0f}",
        f"{found.pounds_a_patient_year:.2f}",
    )
    return f"| {' | '.join(cells)} |"


def _ceiling(measured: Measured, assumed: Assumptions) -> str:
    """Return what one server could take at most, without head-room."""
    times = server_capacity(assumed) / (measured.cores * assumed.database_share)
    singles, batched = ((rate or 0.0) * times for rate in (measured.singles_per_second, measured.batched_per_second))
    return (
        f"One PostgreSQL of {assumed.cores_per_server:,.0f} cores takes {singles:,.0f} single readings a second,"
        f" or {batched:,.0f} in batches of 100, at most; beyond that, or beyond its disk, patients are divided"
        " among several."
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _figure(figure: float | None) -> str:
    if figure is None:
        return "not measured"
    return f"{figure:,.0f}" if figure >= 100 or figure == int(figure) else f"{figure:,.2f}"
