"""What many patients would need, as Markdown: what was measured, what is assumed, and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from benchmarks.projection import (
    FOUND_BY,
    POPULATIONS,
    YEARS,
    Assumptions,
    Measured,
    Projection,
    projected,
    server_capacity,
)

_HEAD = (
    "| patients | after years | readings a day | a second at the peak | nodes | PostgreSQL servers, and a standby of"
    " each | GB with copies | £ a month | £ a patient a year |"
)
_HONESTY = (
    "Only what one machine did is measured. That cores add up, that a server grows as assumed, and that patients divide"
    " evenly among several servers ([docs/scale.md](../docs/scale.md)) is extrapolated: nobody has run it. A reading's"
    " price follows from how many are sent together: a post costs something by itself and the same for each reading,"
    " which the measured single and the batch of 100 tell. Looks are priced as storage alone. Room that an index leaves"
    " half empty with the years is in it only as far as the measured minutes had it."
)


def tables(found: Measured, assumed: Assumptions, populations: Sequence[int] = POPULATIONS) -> str:
    """Return what was measured, what is assumed, and what follows, as Markdown."""
    rows = [projected(patients, years, found, assumed) for patients in populations for years in YEARS]
    return "\n".join(
        [
            f"**Measured** ({found.cores} cores shared by clients, nodes and PostgreSQL):\n",
            *("| figure | | part |", "|---|---|---|"),
            *(f"| {_words(name)} | {_figure(getattr(found, name))} | {part} |" for name, part in FOUND_BY.items()),
            "\n**Assumed** (change any by its option):\n",
            *("| option | | why |", "|---|---|---|"),
            *(
                f"| `--{each.name.replace('_', '-')}` | {_figure(getattr(assumed, each.name))} {each.metadata['unit']}"
                f" | {each.metadata['why']} |"
                for each in fields(assumed)
            ),
            "\n**Projected**, in the busiest hour, with head-room:\n",
            _HEAD,
            "|---|---|---|---|---|---|---|---|---|",
            *map(_row, rows),
            f"\n**Stored**, GB, one copy: {_kept(assumed)}\n",
            f"| patients | after years | {' | '.join(rows[0].stored_gb)} | together |",
            f"|---|---|{'---|' * len(rows[0].stored_gb)}---|",
            *map(_stored, rows),
            f"\n{_ceiling(found, assumed)}\n\n{_HONESTY}",
        ]
    )


def _kept(assumed: Assumptions) -> str:
    return (
        f"readings are kept {assumed.readings_kept_years:g} years, the audit trail {assumed.audit_kept_years:g}, daily"
        " summaries and the latest of each sign for ever; of events the newest million."
    )


def _row(found: Projection) -> str:
    reason = "for their disks" if found.servers == found.servers_by_disk > 1 else "for what is written"
    servers = f"{found.servers:,} × {found.cores_of_servers / found.servers:,.0f} cores"
    if found.servers > 1:
        servers += f", {reason}"
    cells = (
        f"{found.patients:,}",
        f"{found.years:g}",
        f"{found.readings_per_day:,.0f}",
        f"{found.peak_readings_per_second:,.0f}",
        f"{found.nodes:,}",
        servers,
        f"{found.storage_gb:,.0f}",
        f"{found.pounds_a_month:,.0f}",
        f"{found.pounds_a_patient_year:.2f}",
    )
    return f"| {' | '.join(cells)} |"


def _stored(found: Projection) -> str:
    sizes = [*found.stored_gb.values(), sum(found.stored_gb.values())]
    return f"| {found.patients:,} | {found.years:g} | {' | '.join(map(_figure, sizes))} |"


def _ceiling(found: Measured, assumed: Assumptions) -> str:
    """Return what one server could take at most, without head-room."""
    times = server_capacity(assumed) / (found.cores * assumed.database_share)
    return (
        f"One PostgreSQL of {assumed.cores_per_server:,.0f} cores takes {found.singles_per_second * times:,.0f} single"
        f" readings a second, or {found.batched_per_second * times:,.0f} in batches of 100, at most; beyond that, or"
        " beyond its disk, patients are divided among several."
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _figure(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 or figure == int(figure) else f"{figure:,.2f}"
