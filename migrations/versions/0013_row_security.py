"""Who reaches which rows is also said by PostgreSQL: roles that own nothing, and row security on every table.

A transaction enters as an account (`enter`); only then, and only of patients whom that account may see, are there any
rows. An application guard that is forgotten leaks nothing. The rule stands twice on purpose: in
`domain/people/reach_queries.py`, where it decides, and here, where it catches; a test holds the two to each other.

Revision: 0013
After: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# runtime: what a signed-in person does. identity: signing in, accounts, sessions. feed: the numbered events, ids only.
# aggregate: counts for commissioners. worker: the background work. linking: runtime and identity in one, for the few
# deeds that tie an account to a record. None can sign in, owns anything or bypasses a rule.
RUNTIME, IDENTITY, FEED, AGGREGATE, WORKER, LINKING = ROLES = (
    "tendwell_runtime",
    "tendwell_identity",
    "tendwell_feed",
    "tendwell_aggregate",
    "tendwell_worker",
    "tendwell_linking",
)

_ROLE = """
do $$ begin
    if not exists (select from pg_roles where rolname = '{role}') then
        create role {role} nologin noinherit;
    end if;
exception when duplicate_object or unique_violation then null;  -- another database of this server made it just now
end $$
"""
# A login takes a role on and lays it down again; of itself it inherits no right.
_MEMBER = """
do $$ begin
    if not pg_has_role(current_user, '{role}', 'set') then
        grant {role} to current_user with inherit false, set true;
    end if;
exception when insufficient_privilege then
    raise exception 'The role {role} exists on this server, and % may not take it on.', current_user
        using errcode = 'insufficient_privilege', hint =
            'As an administrator of the server: grant {role} to that login with admin true, inherit false, set true.';
end $$
"""

# Why an account may see a patient, one arm a reason. Inlined into `enter`, so that each arm is an index look-up.
_REACH = """
create function reach(_account uuid, _at timestamptz, _today date) returns table (patient_id uuid)
language sql stable as $$
    select p.id from patient p where p.account_id = _account
    union all
    select d.patient_id from delegation d
    where d.account_id = _account and d.accepted_at <= _at and d.from_at <= _at
        and (d.until_at is null or d.until_at > _at) and (d.ended_at is null or d.ended_at > _at)
    union all
    select p.id from effective_grant(_account, _at) g join patient p on p.practice_id = g.organisation_id
    where g.role = 'clinician'
    union all
    select l.patient_id from care_team_member m
    join care_team_patient l on l.care_team_id = m.care_team_id
    where m.account_id = _account and m.from_at <= _at and (m.until_at is null or m.until_at > _at)
        and l.from_at <= _at and (l.until_at is null or l.until_at > _at)
        and exists (select from effective_grant(_account, _at) g where g.role = 'clinician')
        and not withdrew_sharing(l.patient_id, _at)
    union all
    select r.patient_id from effective_grant(_account, _at) g join residence r on r.care_home_id = g.organisation_id
    where g.role = 'care_home_staff' and r.from_on <= _today and (r.until_on is null or r.until_on > _today)
        and not withdrew_sharing(r.patient_id, _at)
    union all
    select b.patient_id from break_glass b
    where b.account_id = _account and b.opened_at <= _at and b.until_at > _at
        and (b.ended_at is null or b.ended_at > _at)
        and exists (select from effective_grant(_account, _at) g where g.role = 'clinician')
$$
"""
_WITHDREW_SHARING = """
create function withdrew_sharing(_patient uuid, _at timestamptz) returns boolean
language sql stable as $$
    select exists (select from consent c where c.patient_id = _patient and c.purpose = 'care_sharing'
        and c.provision = 'deny' and c.decided_at <= _at and (c.ended_at is null or c.ended_at > _at))
$$
"""
_EFFECTIVE_GRANT = """
create function effective_grant(_account uuid, _at timestamptz) returns table (organisation_id uuid, role text)
language sql stable as $$
    select m.organisation_id, m.role from membership m join account a on a.id = m.account_id
    where m.account_id = _account and a.disabled_at is null and m.ended_at is null and m.starts_at <= _at
        and (m.expires_at is null or m.expires_at > _at)
$$
"""
# Sets who acts and whom they may see, for this transaction alone. `_about` narrows: it can never widen.
_ENTER = """
create function enter(_account uuid, _at timestamptz, _about uuid[]) returns void
language plpgsql volatile security definer as $$
declare
    _today date := (_at at time zone 'Europe/London')::date;
    _visible uuid[];
begin
    if _about is null then
        select array_agg(distinct r.patient_id) into _visible from reach(_account, _at, _today) r;
    else
        select array_agg(distinct r.patient_id) into _visible from reach(_account, _at, _today) r
        where r.patient_id = any(_about);
    end if;
    perform set_config('tendwell.account', _account::text, true), set_config('tendwell.at', _at::text, true),
        set_config('tendwell.visible', coalesce(_visible, '{}')::text, true);
end $$
"""
# The live feed acts for many at once: visible is a patient whom at least one of these accounts, paired with that
# patient, may see. Who of them is told is the application's to keep apart.
_ENTER_FOR = """
create function enter_for(_accounts uuid[], _patients uuid[], _at timestamptz) returns void
language plpgsql volatile security definer as $$
declare
    _today date := (_at at time zone 'Europe/London')::date;
    _visible uuid[];
begin
    select array_agg(distinct q.patient) into _visible from unnest(_accounts, _patients) q(account, patient)
    where exists (select from reach(q.account, _at, _today) r where r.patient_id = q.patient);
    perform set_config('tendwell.account', '00000000-0000-0000-0000-000000000000', true),
        set_config('tendwell.visible', coalesce(_visible, '{}')::text, true);
end $$
"""
# Empty is what a setting is after the transaction that set it: nobody, and nobody to be seen.
_CONTEXT = (
    """create function acting_account() returns uuid language sql stable as
    $$ select nullif(current_setting('tendwell.account', true), '')::uuid $$""",
    """create function acting_at() returns timestamptz language sql stable as
    $$ select nullif(current_setting('tendwell.at', true), '')::timestamptz $$""",
    """create function visible_patients() returns uuid[] language sql stable as
    $$ select nullif(current_setting('tendwell.visible', true), '')::uuid[] $$""",
)
# What the application may ask about people beyond its caller's reach. Each is answered with an id, a place or a word:
# whose an NHS number is (to audit that a caller was told it is taken); who has this number and this birth date (to
# break the glass); whose an account is (to refuse a second person); whether a record is the caller's own.
_BEYOND_REACH = (
    """create function patient_of_nhs_number(_nhs_number text) returns uuid language sql stable security definer as
    $$ select id from patient where nhs_number = _nhs_number and acting_account() is not null $$""",
    """create function patient_by_number_and_birth(_nhs_number text, _born_on date)
    returns table (id uuid, practice_id uuid, born_then boolean) language sql stable security definer as
    $$ select id, practice_id, born_on = _born_on from patient
    where nhs_number = _nhs_number and acting_account() is not null $$""",
    """create function patient_of_account(_account uuid) returns uuid language sql stable security definer as
    $$ select id from patient where account_id = _account $$""",
    """create function own_email() returns text language sql stable security definer as
    $$ select email from account where id = acting_account() $$""",
    """create function is_own_record(_patient uuid) returns boolean language sql stable security definer as
    $$ select exists (select from patient where id = _patient and account_id = acting_account()) $$""",
    """create function names_of_delegators(_delegations uuid[])
    returns table (id uuid, given_name text, family_name text) language sql stable security definer as
    $$ select d.id, p.given_name, p.family_name from delegation d join patient p on p.id = d.patient_id
    where d.id = any(_delegations) and d.account_id = acting_account() $$""",
)
# The organisations at which, or below which, the one who acts answers for privacy.
_OVERSEEN_BY = """
create function overseen() returns uuid[] language sql stable security definer as $$
    with recursive below(id) as (
        select g.organisation_id from effective_grant(acting_account(), acting_at()) g where g.role = 'privacy_officer'
        union select o.id from organisation o join below b on o.parent_id = b.id)
    select array_agg(id) from below
$$
"""
# When an event was numbered, whoever's it is: a cursor may stand at one that its holder never heard of.
_NUMBERED_AT = """create function event_numbered_at(_number bigint) returns timestamptz
    language sql stable security definer as $$ select numbered_at from event_feed where number = _number $$"""
# What outcomes are counted from: days and contacts under an id, of everybody. No name, no reading.
_VIEWS = {
    "counted_enrolment": """
        select id, pathway_id, patient_id, care_home_id, enrolled_on, known_from, ended_on, end_reason, recorded_at,
            end_recorded_at from enrolment""",
    "counted_refusal": "select patient_id, purpose, decided_at, ended_at from consent where provision = 'deny'",
    "counted_contact": "select patient_id, kind, started_on, import_id from contact",
}

# `(select …)` has PostgreSQL ask once a statement, not once a row: 2.7 ms against 2.4 s for 20,000 of 500,000 rows.
ENTERED = "(select acting_account()) is not null"
_VISIBLE = "{column} = any((select visible_patients())::uuid[])"
_BELONGS = "exists (select from {parent} where {parent}.id = {table}.{column})"


def _of_patient(column: str = "patient_id") -> str:
    return _VISIBLE.format(column=column)


def _of(table: str, column: str, parent: str) -> str:
    return _BELONGS.format(table=table, column=column, parent=parent)


# Whoever answers for privacy at a place, or above it, sees what was opened there, or of its patients.
_OVERSEEN = "{practice} = any((select overseen())::uuid[]) or {place} = any((select overseen())::uuid[])"
_ALERTED = f"""exists (select from privacy_alert a where a.break_glass_id = break_glass.id
    and ({_OVERSEEN.format(practice="a.practice_id", place="a.organisation_id")}))"""
# An offer is there for whoever has its code, and for nobody else.
_OFFERED = "account_id is null and encode(code_hash, 'hex') = (select current_setting('tendwell.code', true))"
_JUST_MADE = "created_by = (select acting_account()) and created_at = (select acting_at())"
# By table: the rows that runtime may reach, and what it may do with them. A table missing here fails a test.
RUNTIME_MAY: dict[str, tuple[str, str]] = {
    "organisation": (ENTERED, "select"),
    "account": (ENTERED, "select (id, display_name, organisation_id, created_at, disabled_at, version)"),
    "membership": (ENTERED, "select"),
    "patient_invitation": (_of_patient(), "select, insert"),
    "patient": (f"{_of_patient('id')} or {_JUST_MADE}", "select, insert, update"),
    "residence": (_of_patient(), "select, insert, update"),
    "patient_former": (_of_patient(), "select, insert"),
    "delegation": (
        f"{_of_patient()} or account_id = (select acting_account()) or {_OFFERED}",
        "select, insert, update",
    ),
    "consent": (_of_patient(), "select, insert, update"),
    "break_glass": (
        f"account_id = (select acting_account()) or {_of_patient()} or {_ALERTED}",
        "select, insert, update",
    ),
    "break_glass_attempt": ("account_id = (select acting_account())", "select, insert"),
    "care_team": (ENTERED, "select, insert, update"),
    "care_team_member": (ENTERED, "select, insert, update"),
    "care_team_patient": (_of_patient(), "select, insert, update"),
    "observation": (_of_patient(), "select, insert, update"),
    "goal": (_of_patient(), "select, insert, update"),
    "goal_former": (_of("goal_former", "goal_id", "goal"), "select, insert"),
    "goal_step": (_of("goal_step", "goal_id", "goal"), "select, insert"),
    "action_plan": (_of_patient(), "select, insert, update"),
    "action_plan_end": (_of("action_plan_end", "plan_id", "action_plan"), "select, insert"),
    "action_plan_goal": (_of("action_plan_goal", "plan_id", "action_plan"), "select, insert"),
    "action": (_of("action", "plan_id", "action_plan"), "select, insert"),
    "action_completion": (_of("action_completion", "action_id", "action"), "select, insert"),
    "pathway": (ENTERED, "select, insert, update (description)"),
    "enrolment": (_of_patient(), "select, insert, update"),
    "contact": (_of_patient(), "select, insert, update"),
    "contact_import": (ENTERED, "select, insert, update, delete"),
    "contact_import_chunk": (ENTERED, "insert"),
    "contact_import_fault": (ENTERED, "select"),
    "event_outbox": (ENTERED, "insert"),
    "event_feed": (f"{ENTERED} and (patient_id is null or {_of_patient()})", "select"),
    "event_relay": (ENTERED, "select"),
    "rights_request": (_of_patient(), "select, insert, update"),
    "own_export": ("account_id = (select acting_account())", "select, insert, update"),
    "own_export_part": (_of("own_export_part", "export_id", "own_export"), "select, insert, delete"),
    "remembered_reply": ("account_id = (select acting_account())", "select, insert, update"),
}
# Where what may be added is not what may be seen. A person's trail is there for whoever may see the person, and what
# is added to it is the deed of the one who acts; an alert is raised by whom it is about.
RUNTIME_MAY_ADD: dict[str, tuple[str, str, str]] = {
    "audit_event": (_of_patient(), "account_id = (select acting_account())", "select, insert"),
    "privacy_alert": (
        _OVERSEEN.format(practice="practice_id", place="organisation_id"),
        ENTERED,
        "select, insert, update",
    ),
}
# The other roles' work is not about one account's reach: rights on tables, and on columns, are what holds them.
OTHERS_MAY: dict[str, dict[str, str]] = {
    IDENTITY: {
        "organisation": "select, insert, update",
        "account": "select, insert, update",
        "membership": "select, insert, update",
        "session": "select, insert, update, delete",
        "refresh_token": "select, insert, update, delete",
        "live_ticket": "select, insert, delete",
        "key": "select, insert, update, delete",
        "sign_in_token": "select, insert, update, delete",
        "sign_in_attempt": "select, insert, update, delete",
        "remembered_reply": "select, insert, update",
        "webhook": "select, insert, update",
        "webhook_delivery": "select, update",
        "totp": "select, insert, update, delete",
        "recovery_code": "select, insert, update, delete",
        "letter": "select, insert, update, delete",
        "passkey": "select, insert, update, delete",
        "passkey_challenge": "select, insert, update, delete",
        "invitation": "select, insert, update",
        "password_reset_request": "select, insert, update, delete",
        "password_reset": "select, insert, update, delete",
        "event_outbox": "insert",
        "audit_event": "insert",
    },
    FEED: {
        "event_outbox": "select (at, xid)",
        "event_feed": "select",
        "event_relay": "select",
        "audit_event": "select (id, at, xid)",
        "audit_seal": "select (audit_id)",
        "audit_log": "select",
    },
    AGGREGATE: {
        "organisation": "select",
        "pathway": "select, update (description)",  # no right is smaller that allows to lock the row
        "contact_import": "select (id, state)",
        "outcome_release": "select, insert, update",
        "event_outbox": "insert",
        "audit_event": "insert",
    },
    WORKER: {
        "organisation": "select",
        "account": "select (id, disabled_at)",
        "session": "select (id, expires_at), delete",
        "live_ticket": "select (expires_at), delete",
        "patient": "select (id, nhs_number, practice_id)",
        "contact": "select, insert, update, delete",
        "contact_import": "select, update, delete",
        "contact_import_chunk": "select, delete",
        "contact_import_staged": "select, insert, delete",
        "contact_import_person": "select, insert, update, delete",
        "contact_import_fault": "select, insert, delete",
        "event_outbox": "select, insert, update, delete",
        "event_feed": "select, insert, delete",
        "event_relay": "select, insert, update",
        "audit_event": "select, insert",
        "audit_seal": "select, insert",
        "audit_log": "select, insert, update",
        "audit_checkpoint": "select, insert",
        "audit_removal": "select",
        "key": "select, insert",
        "remembered_reply": "select (id, at), update (at), delete",  # to lock is to change
        "sign_in_attempt": "select, update, delete",
        "sign_in_token": "select, delete",
        "password_reset": "select (expires_at), delete",
        "letter": "select, delete",
        "invitation": "select (id, expires_at), delete",
        "passkey_challenge": "select, delete",
        "own_export": "select, update",
        "own_export_part": "select, delete",
        "residence": "select (patient_id, care_home_id, from_on, until_on)",
        "webhook": "select, update",
        "webhook_delivery": "select, insert, update, delete",
        "webhook_follower": "select, insert, update",
    },
}
FUNCTIONS = (
    "effective_grant(uuid, timestamptz)",
    "withdrew_sharing(uuid, timestamptz)",
    "reach(uuid, timestamptz, date)",
    "enter(uuid, timestamptz, uuid[])",
    "enter_for(uuid[], uuid[], timestamptz)",
    "acting_account()",
    "acting_at()",
    "visible_patients()",
    "patient_of_nhs_number(text)",
    "patient_by_number_and_birth(text, date)",
    "patient_of_account(uuid)",
    "own_email()",
    "is_own_record(uuid)",
    "names_of_delegators(uuid[])",
    "overseen()",
    "event_numbered_at(bigint)",
)
TABLES = sorted({*RUNTIME_MAY, *RUNTIME_MAY_ADD, *(table for rights in OTHERS_MAY.values() for table in rights)})


def upgrade() -> None:
    for role in ROLES:
        op.execute(_ROLE.format(role=role))
        op.execute(_MEMBER.format(role=role))
    # Where the functions look for tables is settled here, not by whoever calls them.
    for function in (_EFFECTIVE_GRANT, _WITHDREW_SHARING, _REACH, *_CONTEXT):
        op.execute(function)
    for definer in (_ENTER, _ENTER_FOR, *_BEYOND_REACH, _OVERSEEN_BY, _NUMBERED_AT):
        op.execute(definer.replace("security definer", "security definer set search_path from current"))
    for name, query in _VIEWS.items():
        op.execute(f"create view {name} as {query}")
        op.execute(f"grant select on {name} to {AGGREGATE}")
    _grant_functions()
    for table in TABLES:
        op.execute(f"alter table {table} enable row level security")
    for table, (rows, rights) in RUNTIME_MAY.items():
        _allow(RUNTIME, table, rows, rights)
    for table, (seen, added, rights) in RUNTIME_MAY_ADD.items():
        op.execute(f"grant {rights} on {table} to {RUNTIME}")
        op.execute(f"create policy {RUNTIME} on {table} to {RUNTIME} using ({seen}) with check ({added})")
    for role, tables in OTHERS_MAY.items():
        for table, rights in tables.items():
            _allow(role, table, ENTERED if role == AGGREGATE else "true", rights)
    op.execute("grant select on alembic_version to " + ", ".join(ROLES))


def _grant_functions() -> None:
    for function in FUNCTIONS:
        op.execute(f"revoke all on function {function} from public")
    op.execute(f"grant execute on function {', '.join(FUNCTIONS[3:])} to {RUNTIME}")
    op.execute(f"grant execute on function acting_account() to {AGGREGATE}")
    op.execute(f"grant execute on function patient_of_account(uuid) to {IDENTITY}, {WORKER}")
    op.execute(f"grant {RUNTIME}, {IDENTITY} to {LINKING} with inherit true")


def _allow(role: str, table: str, rows: str, rights: str) -> None:
    op.execute(f"grant {rights} on {table} to {role}")
    seen = "false" if rights == "insert" else rows  # `linking` has another role's right to select as well
    op.execute(f"create policy {role} on {table} to {role} using ({seen}) with check ({rows})")


def downgrade() -> None:
    for role, tables in {
        RUNTIME: [*RUNTIME_MAY, *RUNTIME_MAY_ADD],
        **{role: list(may) for role, may in OTHERS_MAY.items()},
    }.items():
        for table in tables:
            op.execute(f"drop policy {role} on {table}")
            op.execute(f"revoke all on {table} from {role}")
    for table in TABLES:
        op.execute(f"alter table {table} disable row level security")
    for name in _VIEWS:
        op.execute(f"drop view {name}")
    for function in reversed(FUNCTIONS):
        op.execute(f"drop function {function}")
    op.execute("revoke select on alembic_version from " + ", ".join(ROLES))
    # The roles stay, and which of them is a member of which: other databases of the server may use them.
