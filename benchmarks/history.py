"""A year of readings, put straight into the tables: what the patients of as many practices as asked have sent.

Set-based and without the table's indexes, which are made anew afterwards, so that 10 million rows take some minutes.
Rows lie in the order in which they would have come: one patient's are scattered over the whole table, as they are in
life. Knows the table and nothing of the API.
"""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

PATIENTS_OF_A_PRACTICE = 200
CLOSELY_WATCHED = 4
"""How many of a practice wear a device that sends their heart rate: 1,000 in 30 days, 12,167 in a year."""
WATCHED_SIGN = "heart_rate"
READINGS_OF_A_PRACTICE = CLOSELY_WATCHED * 12_167 + PATIENTS_OF_A_PRACTICE * 7 * 37
_TURNS = range(37)
"""A year in stretches of about ten days; in each, everybody takes each of their signs once."""
_AT_ONCE = 2

_PRACTICES = """
insert into organisation (id, ods_code, name, kind, parent_id, created_at)
select uuidv7(), 'YFILL' || n, 'Practice ' || n, 'practice', (select id from organisation where ods_code = 'QBENCH'),
    now() - interval '400 days'
from generate_series(1, $1::int) n returning id
"""
_PATIENTS = """
insert into patient (id, given_name, family_name, born_on, practice_id, created_at, created_by)
select uuidv7(), 'Pat', 'Number' || n, '1950-01-01', practice, now() - interval '400 days', uuidv7()
from unnest($1::uuid[]) practice, generate_series(1, $2::int) n returning id
"""
# Seven signs of each patient: those of an early-warning score, and one of the others by turns.
_READINGS = """
insert into observation (id, patient_id, recorded_by, effective_at, received_at, effective_offset_minutes, confirmed,
    sign, source, client_id, recorded_as, value, systolic, diastolic, code, original_unit)
select observation_id_of(r.patient_id, r.client_id), r.patient_id, (select id from account where email = $5), r.at,
    r.at + interval '3 seconds', 0, false, sign_letter(r.sign), 'device-' || r.place % 7,
    r.client_id, 'p',
    single, case when sign = 'blood_pressure' then number end, case when sign = 'blood_pressure' then number - 40 end,
    case when sign = 'consciousness_acvpu' then 'A' end, nullif(r.unit, '')
from (select q.*, decode('00', 'hex') || uuid_send(uuidv7(q.at - now())) as client_id from (
    select p.id as patient_id, p.place, s.sign, s.unit, s.middle + $3::int % 10 as number,
        case when s.sign not in ('blood_pressure', 'consciousness_acvpu') then s.middle + $3 % 10 end as single,
        $4::timestamptz - (37 - $3::int) * interval '10 days' * 365 / 370
            + p.place * interval '1 second' + s.turn * interval '1 hour' as at
    from unnest($1::uuid[]) with ordinality p(id, place)
    join (values (0, 'heart_rate', '/min', 70), (1, 'respiratory_rate', '/min', 14), (2, 'oxygen_saturation', '%', 90),
        (3, 'blood_pressure', 'mm[Hg]', 120), (4, 'body_temperature', 'Cel', 36), (5, 'consciousness_acvpu', '', 0),
        (10, 'body_weight', 'kg', 70), (11, 'blood_glucose', 'mmol/L', 5), (12, 'blood_ketones', 'mmol/L', 1),
        (13, 'peak_expiratory_flow', 'L/min', 400), (14, 'pain_score', '{score}', 0), (15, 'steps', '{steps}', 4000),
        (16, 'hba1c', 'mmol/mol', 40), (17, 'inspired_oxygen', 'L/min', 1), (18, 'body_height', 'cm', 170)
    ) s(turn, sign, unit, middle) on s.turn < 10 or s.turn = 10 + p.place % 9
    union all
    select p.id, p.place, 'heart_rate', '/min', 0, 60 + t.tick % 40,
        $4 - (12167 - t.tick) * interval '2592 seconds' + p.place % 1000 * interval '1 second'
    from generate_series(0, 12166) t(tick) cross join unnest($2::uuid[]) with ordinality p(id, place)
    where t.tick * 37 / 12167 = $3
) q) r order by r.at
"""
# What triggers keep beside the readings, which are put in without them.
_LATEST = """
insert into observation_latest (patient_id, sign, effective_at, observation_id)
select distinct on (patient_id, sign) patient_id, sign_name(sign), effective_at, id from observation
order by patient_id, sign, effective_at desc, received_at desc, id desc
on conflict (patient_id, sign) do update
set effective_at = excluded.effective_at, observation_id = excluded.observation_id
"""
# As the worker does it.
_SUMMARISE = """
select next_patient, next_sign, is_over from summarise_days($1, $2, current_date - 1, 5000, interval '1 second')
"""
_INDEXES = """
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made_by from pg_index i
where i.indrelid = 'observation'::regclass and not i.indisprimary
"""


async def add_patients(url: str, practices: int) -> list[UUID]:
    """Return the ids of the patients of so many new practices, in their practices' order."""
    connection = await asyncpg.connect(url)
    try:
        made = [row["id"] for row in await connection.fetch(_PRACTICES, practices)]
        return [row["id"] for row in await connection.fetch(_PATIENTS, made, PATIENTS_OF_A_PRACTICE)]
    finally:
        await connection.close()


async def add_year(
    url: str,
    patients: Sequence[UUID],
    *,
    recorded_by: str,
    say: Callable[[str], None],
    within_seconds: float = math.inf,
) -> int:
    """Return how many readings of these patients were stored: a year of them, up to now.

    `url`: as the server's superuser, who alone may leave out the look at each row's foreign keys. `recorded_by`: the
    address of an account. After so many seconds no further stretch of the year is begun.
    """
    watched = [each for place, each in enumerate(patients) if place % PATIENTS_OF_A_PRACTICE < CLOSELY_WATCHED]
    now, turns, stored = datetime.now(UTC), iter(_TURNS), 0
    end_at = time.monotonic() + within_seconds

    async def filler() -> None:
        nonlocal stored
        connection = await asyncpg.connect(url, server_settings={"session_replication_role": "replica"})
        try:
            for turn in itertools.takewhile(lambda _: time.monotonic() < end_at, turns):
                done = await connection.execute(_READINGS, patients, watched, turn, now, recorded_by)
                stored += int(done.rpartition(" ")[2])
                say(f"  {stored:,} readings")
        finally:
            await connection.close()

    if not patients:
        return 0
    middle, last = sorted(patients)[len(patients) // 2], UUID(int=2**128 - 1)
    async with _without_indexes(url, [(UUID(int=0), middle), (middle, last)], say):
        await asyncio.gather(*(filler() for _ in range(_AT_ONCE)))
    return stored


@asynccontextmanager
async def _without_indexes(
    url: str, stretches: Sequence[tuple[UUID, UUID]], say: Callable[[str], None]
) -> AsyncIterator[None]:
    connection = await asyncpg.connect(url, server_settings={"maintenance_work_mem": "512MB"})
    try:
        indexes = await connection.fetch(_INDEXES)
        for index in indexes:
            await connection.execute(f"drop index {index['name']}")
        yield
        for index in indexes:
            say(f"  {index['name']}…")
            await connection.execute(index["made_by"])
        await connection.execute(_LATEST)
        say("  daily summaries…")
        await asyncio.gather(*(_summarise(url, *stretch) for stretch in stretches))
        await connection.execute("vacuum (analyze) observation, observation_latest, observation_day")
        await connection.execute("analyze")
        await connection.execute("checkpoint")
    finally:
        await connection.close()


async def _summarise(url: str, begin: UUID, end: UUID) -> None:
    """Sum up the days of the patients from the one to the other, as the worker does it."""
    connection = await asyncpg.connect(url)
    try:
        place, is_over = (begin, ""), False
        while not is_over and place[0] < end:
            told = await connection.fetchrow(_SUMMARISE, *place)
            place, is_over = (told["next_patient"], told["next_sign"]), told["is_over"]
    finally:
        await connection.close()
