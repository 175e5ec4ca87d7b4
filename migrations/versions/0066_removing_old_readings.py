"""The owner may remove readings from before a day, whose summaries stay: sign by sign, and nothing without a summary.

Revision: 0066
After: 0065
"""

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

FUNCTION = "remove_readings(uuid, text, date, integer)"
_DAY_OF = "({instant} at time zone 'UTC')::date"
_MIDNIGHT = "({day}::timestamp at time zone 'UTC')"
# Never the latest of a sign nor what was measured on its day, so that a board goes on showing how long ago that was;
# never a part of what was corrected. What came late for a day whose readings were removed before is added to its
# summary, and goes. Run by the owner, whom alone the tables let delete.
_REMOVE = f"""
create function remove_readings(_after_patient uuid, _after_sign text, _before date, _look_at integer)
returns table (next_patient uuid, next_sign text, is_over boolean, removed bigint, left_out integer)
language plpgsql volatile as $$
declare
    _each record; _kept record; _until date; _crossing timestamptz; _looked_at integer := 0; _gone bigint;
begin
    next_patient := _after_patient; next_sign := _after_sign; removed := 0; left_out := 0;
    for _each in
        select l.patient_id, l.sign from observation_latest l
        where (l.patient_id, l.sign) > (_after_patient, _after_sign) order by 1, 2 limit _look_at
    loop
        _looked_at := _looked_at + 1; next_patient := _each.patient_id; next_sign := _each.sign;
        if not pg_try_advisory_xact_lock(hashtextextended(_each.patient_id::text, 0)) then
            left_out := left_out + 1;
            continue;
        end if;
        select l.removed_before, least(_before, l.summarised_until, {_DAY_OF.format(instant="l.effective_at")}) as until
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
        continue when _until is null or _until < _kept.removed_before or not exists (
            select from observation o where o.patient_id = _each.patient_id and o.sign = _each.sign
                and o.effective_at < {_MIDNIGHT.format(day="_until")});
        insert into observation_day as d (patient_id, sign, day, told_in, number, least, greatest, total,
            diastolic_least, diastolic_greatest, diastolic_total)
        select o.patient_id, o.sign, {_DAY_OF.format(instant="o.effective_at")}, coalesce(o.code, o.original_unit),
            count(*), min(coalesce(o.value, o.systolic)), max(coalesce(o.value, o.systolic)),
            sum(coalesce(o.value, o.systolic)), min(o.diastolic), max(o.diastolic), sum(o.diastolic)
        from observation o
        where o.patient_id = _each.patient_id and o.sign = _each.sign
            and o.effective_at < {_MIDNIGHT.format(day="_kept.removed_before")}
            and o.superseded_by_id is null and o.retracted_at is null
        group by 1, 2, 3, 4
        on conflict (patient_id, sign, day, told_in) do update
        set number = d.number + excluded.number, least = least(d.least, excluded.least),
            greatest = greatest(d.greatest, excluded.greatest), total = d.total + excluded.total,
            diastolic_least = least(d.diastolic_least, excluded.diastolic_least),
            diastolic_greatest = greatest(d.diastolic_greatest, excluded.diastolic_greatest),
            diastolic_total = d.diastolic_total + excluded.diastolic_total;
        update observation_latest l set removed_before = _until
        where l.patient_id = _each.patient_id and l.sign = _each.sign;
        delete from observation o where o.patient_id = _each.patient_id and o.sign = _each.sign
            and o.effective_at < {_MIDNIGHT.format(day="_until")};
        get diagnostics _gone = row_count;
        removed := removed + _gone;
    end loop;
    is_over := _looked_at < _look_at;
    return next;
end $$
"""


def upgrade() -> None:
    # Through the driver itself: a colon means nothing to it.
    op.get_bind().exec_driver_sql(_REMOVE)
    op.execute(f"revoke all on function {FUNCTION} from public")


def downgrade() -> None:
    op.execute(f"drop function {FUNCTION}")
