"""Readings are removed in short steps, some thousand rows each, and none of them reads the whole table for each row.

What a reading was corrected by had no index, so for each row that went the foreign key was looked for in all rows; and
a record was one step, however long it was.

Revision: 0070
After: 0068
"""

from typing import Any

from alembic import op

from migrations.online import index_concurrently

revision = "0070"
down_revision = "0068"
branch_labels = None
depends_on = None
NOT_ONLINE = {"contract": "The function of before is the command `retention`'s alone: no node and no worker calls it."}

FUNCTION = "remove_readings(uuid, text, date, integer, integer, interval)"
BEFORE = "remove_readings(uuid, text, date, integer)"
_DAY_OF = "({instant} at time zone 'UTC')::date"
_MIDNIGHT = "({day}::timestamp at time zone 'UTC')"
# Never the latest of a sign nor what was measured on its day, so that a board goes on showing how long ago that was;
# never a part of what was corrected: where a stretch would end between a version and the next, it ends after both. What
# came late for a day whose readings were removed before is added to its summary, and goes. Whole days, some `_at_once`
# readings at a time and no longer than `_within`, after which the step ends with the same record still to be gone on
# with. Run by the owner, whom alone the tables let delete.
_REMOVE = f"""
create function remove_readings(_after_patient uuid, _after_sign text, _before date, _look_at integer,
    _at_once integer, _within interval)
returns table (next_patient uuid, next_sign text, is_over boolean, removed bigint, left_out integer)
language plpgsql volatile as $$
declare
    _begun timestamptz := clock_timestamp();
    _each record; _kept record; _until date; _to date; _first timestamptz; _enough timestamptz; _crossing timestamptz;
    _looked_at integer := 0; _gone bigint;
begin
    next_patient := _after_patient; next_sign := _after_sign; removed := 0; left_out := 0; is_over := false;
    for _each in
        select l.patient_id, l.sign from observation_latest l
        where (l.patient_id, l.sign) > (_after_patient, _after_sign) order by 1, 2 limit _look_at
    loop
        if _looked_at > 0 and clock_timestamp() > _begun + _within then
            return next;
            return;
        end if;
        if pg_try_advisory_xact_lock(hashtextextended(_each.patient_id::text, 0)) then
            select l.removed_before, least(_before, l.summarised_until, {_DAY_OF.format(instant="l.effective_at")})
                as until
            into _kept from observation_latest l where l.patient_id = _each.patient_id and l.sign = _each.sign;
            _until := _kept.until;
            loop
                select min(least(o.effective_at, n.effective_at)) into _crossing
                from observation o join observation n on n.id = o.superseded_by_id
                where o.patient_id = _each.patient_id and o.sign = _each.sign
                    and least(o.effective_at, n.effective_at) < {_MIDNIGHT.format(day="_until")}
                    and greatest(o.effective_at, n.effective_at) >= {_MIDNIGHT.format(day="_until")};
                exit when _crossing is null;
                _until := {_DAY_OF.format(instant="_crossing")};
            end loop;
            loop
                exit when _until is null or _until < _kept.removed_before;
                select o.effective_at into _first from observation o
                where o.patient_id = _each.patient_id and o.sign = _each.sign
                    and o.effective_at < {_MIDNIGHT.format(day="_until")}
                order by o.effective_at limit 1;
                exit when _first is null;
                if removed > 0 and clock_timestamp() > _begun + _within then
                    return next;
                    return;
                end if;
                select o.effective_at into _enough from observation o
                where o.patient_id = _each.patient_id and o.sign = _each.sign
                    and o.effective_at < {_MIDNIGHT.format(day="_until")}
                order by o.effective_at offset _at_once limit 1;
                _to := case when _enough is null then _until
                    else greatest({_DAY_OF.format(instant="_enough")}, {_DAY_OF.format(instant="_first")} + 1) end;
                loop
                    select max(other.effective_at) into _crossing
                    from observation o join observation other on other.id in (o.superseded_by_id, o.supersedes_id)
                    where o.patient_id = _each.patient_id and o.sign = _each.sign
                        and o.effective_at < {_MIDNIGHT.format(day="_to")}
                        and coalesce(o.superseded_by_id, o.supersedes_id) is not null
                        and other.effective_at >= {_MIDNIGHT.format(day="_to")};
                    exit when _crossing is null;
                    _to := {_DAY_OF.format(instant="_crossing")} + 1;
                end loop;
                insert into observation_day as d (patient_id, sign, day, told_in, number, least, greatest, total,
                    diastolic_least, diastolic_greatest, diastolic_total)
                select o.patient_id, o.sign, {_DAY_OF.format(instant="o.effective_at")},
                    coalesce(o.code, o.original_unit), count(*),
                    min(coalesce(o.value, o.systolic)), max(coalesce(o.value, o.systolic)),
                    sum(coalesce(o.value, o.systolic)), min(o.diastolic), max(o.diastolic), sum(o.diastolic)
                from observation o
                where o.patient_id = _each.patient_id and o.sign = _each.sign
                    and o.effective_at < {_MIDNIGHT.format(day="least(_to, _kept.removed_before)")}
                    and o.superseded_by_id is null and o.retracted_at is null
                group by 1, 2, 3, 4
                on conflict (patient_id, sign, day, told_in) do update
                set number = d.number + excluded.number, least = least(d.least, excluded.least),
                    greatest = greatest(d.greatest, excluded.greatest), total = d.total + excluded.total,
                    diastolic_least = least(d.diastolic_least, excluded.diastolic_least),
                    diastolic_greatest = greatest(d.diastolic_greatest, excluded.diastolic_greatest),
                    diastolic_total = d.diastolic_total + excluded.diastolic_total;
                -- So that the trigger, which takes summaries back from where readings change, leaves all that there are.
                update observation_latest l set removed_before = greatest(l.removed_before, l.summarised_until)
                where l.patient_id = _each.patient_id and l.sign = _each.sign;
                delete from observation o where o.patient_id = _each.patient_id and o.sign = _each.sign
                    and o.effective_at < {_MIDNIGHT.format(day="_to")};
                get diagnostics _gone = row_count;
                removed := removed + _gone;
                _kept.removed_before := greatest(_kept.removed_before, _to);
                update observation_latest l set removed_before = _kept.removed_before
                where l.patient_id = _each.patient_id and l.sign = _each.sign;
            end loop;
        else
            left_out := left_out + 1;
        end if;
        _looked_at := _looked_at + 1; next_patient := _each.patient_id; next_sign := _each.sign;
    end loop;
    is_over := _looked_at < _look_at;
    return next;
end $$
"""


def upgrade() -> None:
    index_concurrently(
        "observation_superseded_by", "on observation (superseded_by_id) where superseded_by_id is not null"
    )
    # Through the driver itself: a colon means nothing to it.
    op.get_bind().exec_driver_sql(_REMOVE)
    op.execute(f"revoke all on function {FUNCTION} from public")
    op.execute(f"drop function {BEFORE}")


def downgrade() -> None:
    op.execute(f"drop function {FUNCTION}")
    script: Any = op.get_context().script
    op.get_bind().exec_driver_sql(vars(script.get_revision("0066").module)["_REMOVE"])
    op.execute(f"revoke all on function {BEFORE} from public")
    op.execute("drop index observation_superseded_by")
