"""People are told that something is due or new for them, by the ways that they chose: addresses, an outbox, receipts.

How somebody is told belongs to their account (`tendwell_identity`), and what is due to their record. The worker, which
sends it, reads neither records nor plans: it is told by functions when an action is due, and, of each notice in the
statement that takes it to be sent, why it must not be.

Revision: 0098
After: 0097
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True)
IDENTITY, WORKER = "tendwell_identity", "tendwell_worker"
RIGHTS = {
    IDENTITY: {
        "notice_preference": "select, insert, update, delete",
        "notice_address": "select, insert, update, delete",
        "notice": "select, insert, delete",
        "notice_delivery": "select, insert",
    },
    WORKER: {
        "notice_preference": "select",
        "notice_address": "select, update (sealed, ended_at, end_reason), delete",
        "notice": "select, insert, delete",
        "notice_action": "select, insert",
        "notice_delivery": "select, insert, update",
        "notice_follower": "select, insert, update",
        "action_due": "select, update, delete",
    },
}
# Whether a version of a plan rests on a day: a pause is of all plans, of this version, or of one before it.
_RESTS = """
create function plan_rests(_plan uuid, _patient uuid, _day date) returns boolean language sql stable as $$
    select exists (select from plan_pause s
        where s.patient_id = _patient and s.from_on <= _day and (s.until_on is null or _day <= s.until_on)
            and (s.due_again_on is null or _day < s.due_again_on)
            and (s.plan_id is null or s.plan_id in (
                with recursive line(id) as (
                    select _plan
                    union all
                    select p.supersedes_id from line join action_plan p on p.id = line.id
                    where p.supersedes_id is not null)
                select id from line)))
$$
"""
# Why a notice must not be sent to an address, null when it may. It is asked in the statement that takes it to be sent.
# What somebody wants after they withdrew, or had processing restricted, they want all the same.
WHY_NOT = """
create function why_not_told(_notice uuid, _address uuid, _at timestamptz) returns text
language sql stable security definer set search_path from current as $$
    select case
        when n.lapses_at <= _at then 'too_late'
        when a.ended_at is not null then 'address_ended'
        when o.disabled_at is not null or a.account_id <> n.account_id then 'account_closed'
        when n.kind = 'confirm' then case when a.confirmed_at is not null then 'confirmed_already' end
        when a.confirmed_at is null then 'not_confirmed'
        when n.kind = 'try_out' then null
        when p.account_id is null or not (n.kind || '/' || a.channel = any(p.chosen)) then 'not_wanted'
        when n.patient_id is null or r.account_id is distinct from n.account_id then 'not_theirs'
        when exists (select from enrolment e where e.patient_id = r.id and e.end_reason = 'died') then 'died'
        when exists (select from enrolment e where e.patient_id = r.id and e.end_reason = 'withdrew'
                and e.end_recorded_at >= p.changed_at)
            and not exists (select from enrolment e where e.patient_id = r.id and e.ended_on is null) then 'withdrew'
        when exists (select from consent c where c.patient_id = r.id and c.is_restriction and c.ended_at is null
            and c.decided_at >= p.changed_at) then 'restricted'
        when n.kind = 'something_due' and not exists (
            select from notice_action t join action s on s.id = t.action_id join action_plan l on l.id = s.plan_id
            where t.notice_id = n.id and not exists (select from action_plan_end e where e.plan_id = l.id)
                and not plan_rests(l.id, l.patient_id, t.on_day)
                and (select count(*) from action_completion c
                    where c.action_id = t.action_id and c.done_at >= t.from_at and c.done_at < t.until_at
                        and not exists (select from completion_retraction b where b.completion_id = c.id))
                    < t.number) then 'not_due'
        when n.kind = 'something_new'
            and not exists (select from goal g where g.id = n.subject_id and g.lifecycle_status = 'proposed')
            and not exists (select from action_plan l where l.id = n.subject_id
                and not exists (select from action_plan_end e where e.plan_id = l.id)) then 'not_new'
        end
    from notice n join notice_address a on a.id = _address join account o on o.id = n.account_id
    left join notice_preference p on p.account_id = n.account_id
    left join patient r on r.id = n.patient_id
    where n.id = _notice
$$
"""
# In which time zone a person's days are reckoned at an instant: of the choices that have begun the latest.
_ZONE = """
create function time_zone_at(_patient uuid, _at timestamptz) returns text
language sql stable security definer set search_path from current as $$
    select coalesce((select z.time_zone from time_zone_choice z
        where z.patient_id = _patient and z.from_on::timestamp at time zone z.time_zone <= _at
        order by z.version desc limit 1), 'Europe/London')
$$
"""
# When these actions fall due, as their plans say; of what is done, how and by whom it is, nothing.
_SCHEDULES = """
create function schedules_of(_actions uuid[])
returns table (action_id uuid, account_id uuid, rrule text, starts_on date, times time[], except_on date[],
    from_at timestamptz, ended boolean, zones text[], zones_from date[])
language sql stable security definer set search_path from current as $$
    select s.id, r.account_id, s.rrule, s.starts_on, s.times, s.except_on, l.published_at,
        exists (select from action_plan_end e where e.plan_id = l.id),
        array(select z.time_zone from time_zone_choice z where z.patient_id = r.id order by z.version),
        array(select z.from_on from time_zone_choice z where z.patient_id = r.id order by z.version)
    from action s join action_plan l on l.id = s.plan_id join patient r on r.id = l.patient_id
    where s.id = any(_actions)
$$
"""
# Whom a plan or a goal is news to: the person, unless it was they who made it.
_NEWS = """
create function news_of(_subjects uuid[]) returns table (subject_id uuid, patient_id uuid, account_id uuid)
language sql stable security definer set search_path from current as $$
    select l.id, r.id, r.account_id from action_plan l join patient r on r.id = l.patient_id
    where l.id = any(_subjects) and r.account_id is not null and l.published_by <> r.account_id
    union all
    select g.id, r.id, r.account_id from goal g join patient r on r.id = g.patient_id
    where g.id = any(_subjects) and r.account_id is not null and g.proposed_by <> r.account_id
$$
"""
_WANTS = "exists (select from unnest(p.chosen) w where w like 'something_due/%')"
# Which actions are looked at: those in force of somebody who wants to be reminded. From when they want to be on.
_FOLLOW = f"""
create function follow_reminders(_account uuid, _at timestamptz) returns void
language plpgsql volatile security definer set search_path from current as $$
begin
    -- Nobody publishes a plan of theirs meanwhile: one that did would not know yet that it is wanted, nor this of it.
    perform pg_advisory_xact_lock(hashtextextended('plans ' || r.id::text, 0)) from patient r where r.account_id = _account;
    delete from action_due d using patient r where r.id = d.patient_id and r.account_id = _account
        and not exists (select from notice_preference p where p.account_id = _account and {_WANTS});
    insert into action_due (action_id, patient_id, after_at, look_at)
    select s.id, l.patient_id, _at, _at from patient r join action_plan l on l.patient_id = r.id
    join action s on s.plan_id = l.id join notice_preference p on p.account_id = r.account_id
    where r.account_id = _account and {_WANTS}
        and not exists (select from action_plan_end e where e.plan_id = l.id)
    on conflict do nothing;
end $$
"""
_TRIGGERED = (
    f"""
create function follow_new_actions() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    insert into action_due (action_id, patient_id, after_at, look_at)
    select s.id, l.patient_id, l.published_at, l.published_at
    from added s join action_plan l on l.id = s.plan_id join patient r on r.id = l.patient_id
    join notice_preference p on p.account_id = r.account_id
    where {_WANTS}
    on conflict do nothing;
    return null;
end $$
""",
    """
create function follow_time_zone() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    update action_due set look_at = new.set_at where patient_id = new.patient_id;
    return null;
end $$
""",
    """
create function follow_account() returns trigger
language plpgsql security definer set search_path from current as $$
begin
    if new.account_id is null then
        delete from action_due where patient_id = new.id;
    else
        perform follow_reminders(new.account_id, now());
    end if;
    return null;
end $$
""",
)
TRIGGERS = (
    """create trigger follow_new_actions after insert on action
    referencing new table as added for each statement execute function follow_new_actions()""",
    """create trigger follow_time_zone after insert on time_zone_choice
    for each row execute function follow_time_zone()""",
    """create trigger follow_account after update of account_id on patient
    for each row when (old.account_id is distinct from new.account_id) execute function follow_account()""",
)
_SETTLE = """
do $$ declare _function regprocedure; begin
    for _function in select oid from pg_proc
        where proname in ('why_not_told', 'time_zone_at', 'schedules_of', 'news_of', 'follow_reminders',
            'follow_new_actions', 'follow_time_zone', 'follow_account')
        and pronamespace = current_schema()::regnamespace
    loop
        execute format('alter function %s set search_path = %I, pg_temp', _function, current_schema());
    end loop;
end $$
"""
MAY_ASK: dict[str, str | None] = {
    "plan_rests(uuid, uuid, date)": None,
    "why_not_told(uuid, uuid, timestamptz)": WORKER,
    "time_zone_at(uuid, timestamptz)": WORKER,
    "schedules_of(uuid[])": WORKER,
    "news_of(uuid[])": WORKER,
    "follow_reminders(uuid, timestamptz)": IDENTITY,
}


def upgrade() -> None:
    _make_tables()
    for role, tables in RIGHTS.items():
        for table, rights in tables.items():
            op.execute(f"grant {rights} on {table} to {role}")
            op.execute(f"create policy {role} on {table} to {role} using (true) with check (true)")
    for function in (_RESTS, WHY_NOT, _ZONE, _SCHEDULES, _NEWS, _FOLLOW, *_TRIGGERED):
        op.get_bind().exec_driver_sql(function)
    for function, asking in MAY_ASK.items():
        op.execute(f"revoke all on function {function} from public")
        if asking is not None:
            op.execute(f"grant execute on function {function} to {asking}")
    for trigger in TRIGGERS:
        op.execute(trigger)
    op.execute(_SETTLE)


def _make_tables() -> None:
    _make_preferences()
    _make_addresses()
    _make_notices()
    _make_what_a_notice_is_of()
    _make_deliveries()
    op.create_table(
        "action_due",
        sa.Column("action_id", sa.Uuid(), sa.ForeignKey("action.id"), primary_key=True),
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id"), nullable=False),
        sa.Column("after_at", INSTANT, nullable=False),
        sa.Column("look_at", INSTANT, nullable=False),
    )
    op.create_index("actions_to_look_at", "action_due", ["look_at"])
    op.create_index("action_due_of_patient", "action_due", ["patient_id"])
    for table in sorted({table for tables in RIGHTS.values() for table in tables}):
        op.execute(f"alter table {table} enable row level security")


def _make_preferences() -> None:
    op.create_table(
        "notice_preference",
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("chosen", ARRAY(sa.Text()), nullable=False),
        sa.Column("quiet_from", sa.Time()),
        sa.Column("quiet_until", sa.Time()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("cardinality(chosen) <= 20", name="notice_preference_chosen_number"),
        sa.CheckConstraint("language in ('en', 'cy')", name="notice_preference_language_known"),
        sa.CheckConstraint("num_nulls(quiet_from, quiet_until) in (0, 2)", name="notice_preference_quiet_whole"),
        sa.CheckConstraint("quiet_from <> quiet_until", name="notice_preference_quiet_not_always"),
    )


def _make_addresses() -> None:
    op.create_table(
        "notice_address",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("code_failures", sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("ended_at", INSTANT),
        sa.Column("end_reason", sa.Text()),
        sa.CheckConstraint(
            "channel in ('web_push', 'apns', 'fcm', 'sms', 'email')", name="notice_address_channel_known"
        ),
        sa.CheckConstraint("char_length(name) between 1 and 200", name="notice_address_name_length"),
        sa.CheckConstraint("(ended_at is null) = (end_reason is null)", name="notice_address_end_whole"),
        sa.CheckConstraint(
            "(sealed is null) = (channel = 'email' or ended_at is not null)", name="notice_address_until_ended"
        ),
    )
    op.create_index("notice_addresses_of_account", "notice_address", ["account_id", "id"])
    in_use, ended = sa.text("ended_at is null"), sa.text("ended_at is not null")
    op.create_index("notice_address_in_use", "notice_address", ["mark"], unique=True, postgresql_where=in_use)
    op.create_index("notice_addresses_ended", "notice_address", ["ended_at"], postgresql_where=ended)


def _make_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("account_id", sa.Uuid(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("patient_id", sa.Uuid(), sa.ForeignKey("patient.id")),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("queued_at", INSTANT, nullable=False),
        sa.Column("lapses_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind in ('something_due', 'something_new', 'message', 'try_out', 'confirm')", name="notice_kind_known"
        ),
        sa.CheckConstraint("lapses_at > due_at", name="notice_lapses_after"),
    )
    once = ["account_id", "kind", "subject_id", "due_at"]
    op.create_index("each_notice_once", "notice", once, unique=True)
    op.create_index("notices_by_age", "notice", ["queued_at"])


def _make_what_a_notice_is_of() -> None:
    op.create_table(
        "notice_action",
        sa.Column("notice_id", sa.Uuid(), sa.ForeignKey("notice.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("action_id", sa.Uuid(), sa.ForeignKey("action.id"), primary_key=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("from_at", INSTANT, nullable=False),
        sa.Column("until_at", INSTANT, nullable=False),
        sa.CheckConstraint("number >= 1", name="notice_action_number"),
    )


def _make_deliveries() -> None:
    address = sa.ForeignKey("notice_address.id", ondelete="CASCADE")
    op.create_table(
        "notice_delivery",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("notice_id", sa.Uuid(), sa.ForeignKey("notice.id", ondelete="CASCADE"), nullable=False),
        sa.Column("address_id", sa.Uuid(), address, nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("state", sa.Text(), nullable=False, server_default=sa.text("'waiting'")),
        sa.Column("next_at", INSTANT),
        sa.Column("settled_at", INSTANT),
        sa.Column("reason", sa.Text()),
        sa.Column("reference", sa.Text()),
        sa.CheckConstraint("state in ('waiting', 'accepted', 'failed', 'dropped')", name="notice_delivery_state_known"),
        sa.CheckConstraint("(state = 'waiting') = (next_at is not null)", name="notice_delivery_waits_or_not"),
        sa.CheckConstraint("attempts >= 0", name="notice_delivery_attempts"),
    )
    op.create_index("notice_delivery_once", "notice_delivery", ["notice_id", "address_id"], unique=True)
    op.create_index("notice_deliveries_of_address", "notice_delivery", ["address_id"])
    waiting = sa.text("next_at is not null")
    op.create_index("notice_deliveries_due", "notice_delivery", ["next_at", "id"], postgresql_where=waiting)
    op.create_table(
        "notice_follower",
        sa.Column("single", sa.Boolean(), primary_key=True, server_default=sa.text("true")),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("single", name="one_notice_follower"),
    )


def downgrade() -> None:
    for name, table in {
        "follow_new_actions": "action",
        "follow_time_zone": "time_zone_choice",
        "follow_account": "patient",
    }.items():
        op.execute(f"drop trigger {name} on {table}")
        op.execute(f"drop function {name}()")
    for function in reversed(MAY_ASK):
        op.execute(f"drop function {function}")
    for table in ("action_due", "notice_follower", "notice_delivery", "notice_action", "notice", "notice_address"):
        op.drop_table(table)
    op.drop_table("notice_preference")
