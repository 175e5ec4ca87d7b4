"""The second net, in PostgreSQL itself: what the roles may, and that nobody's records are there for nobody.

Nothing here goes through the application: the rules must hold when the application forgets them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.events.commands import settle_epoch
from domain.events.queries import feed_position, whose_access_changed
from integrations.postgres.client import Database, connect
from integrations.postgres.embedded import SUPERUSER, Cluster
from integrations.postgres.errors import UnsupportedServer
from integrations.postgres.limits import Limits
from integrations.postgres.migrate import migrate
from integrations.postgres.roles import Databases, Role, in_role, require_fit
from tests.cast import Cast
from tests.in_one_role import entered

ROSE, SAM, TESS = "rose_resident", "sam_at_home", "tess_of_other_practice"
ASHA = "asha_clinician_of_practice"
CARL = "carl_clinician_on_care_team"
RECORDS = (
    "patient",
    "patient_former",
    "residence",
    "care_team_patient",
    "observation",
    "observation_latest",
    "observation_day",
    "personal_best",
    "goal",
    "goal_former",
    "goal_step",
    "goal_rating",
    "action_plan",
    "action_plan_end",
    "action_plan_goal",
    "action_plan_zone",
    "action_goal",
    "action",
    "action_completion",
    "completion_retraction",
    "plan_acknowledgement",
    "plan_question_answer",
    "care_plan",
    "care_plan_section",
    "care_plan_decision",
    "plan_pause",
    "time_zone_choice",
    "diary_entry",
    "diary_symptom",
    "questionnaire_response",
    "alert",
    "alert_evidence",
    "alert_step",
    "enrolment",
    "contact",
    "consent",
    "rights_request",
    "audit_event",
)
_TABLES = text(
    """
    select c.relname as name, c.relrowsecurity as is_secured, c.relforcerowsecurity as is_forced
    from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
    """
)
_RIGHTS = text(
    """
    select t.relname as name, r.role, p.polroles is not null as has_policy
    from pg_class t cross join unnest(cast(:roles as text[])) as r(role)
    left join pg_policy p on p.polrelid = t.oid and r.role::regrole = any(p.polroles)
    where t.relnamespace = current_schema()::regnamespace and t.relkind in ('r', 'p') and t.relname <> 'alembic_version'
        and (has_any_column_privilege(r.role, t.oid, 'select, insert, update') or has_table_privilege(r.role, t.oid,
            'delete'))
    """
)
_VIEWS = text(
    """
    select v.relname as name, coalesce(v.reloptions, '{}') @> '{security_invoker=true}' as asks_its_caller,
        array(select r from unnest(cast(:roles as text[])) r where has_table_privilege(r, v.oid, 'select')) as readers
    from pg_class v where v.relnamespace = current_schema()::regnamespace and v.relkind in ('v', 'm')
    """
)
_ROLES = text("select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = any(:roles)")


async def as_role(session: AsyncSession, role: Role) -> None:
    await session.execute(text("select set_config('role', :role, true)"), {"role": role.value})


async def rows_of(session: AsyncSession, table: str) -> int:
    return int((await session.execute(text(f"select count(*) from {table}"))).scalar_one())


async def test_every_table_is_secured_and_none_by_force_for_its_owner_migrates(session: AsyncSession) -> None:
    tables = (await session.execute(_TABLES)).all()
    assert len(tables) > 40
    assert [t.name for t in tables if not t.is_secured and t.name != "alembic_version"] == []
    assert [t.name for t in tables if t.is_forced] == []


async def test_whoever_has_a_right_on_a_table_has_a_rule_for_its_rows(session: AsyncSession) -> None:
    rows = (await session.execute(_RIGHTS, {"roles": [role.value for role in Role if role != Role.linking]})).all()
    assert len(rows) > 80
    assert [(row.name, row.role) for row in rows if not row.has_policy] == []


_HIJACKABLE = text(
    """
    select p.oid::regprocedure::text from pg_proc p
    where p.prosecdef and p.pronamespace = current_schema()::regnamespace
        and not coalesce(p.proconfig, '{}') @> array[format('search_path=%s, pg_temp', current_schema())]
    """
)


async def test_no_function_that_sees_beyond_its_caller_can_be_shown_the_caller_s_own_tables(
    session: AsyncSession,
) -> None:
    assert list((await session.execute(_HIJACKABLE)).scalars()) == []


async def test_no_role_owns_anything_signs_in_or_passes_by_the_rules(session: AsyncSession) -> None:
    roles = (await session.execute(_ROLES, {"roles": [role.value for role in Role]})).all()
    assert len(roles) == len(Role)
    assert not [role for role in roles if role.rolsuper or role.rolbypassrls or role.rolcanlogin]
    owned = await session.execute(
        text("select relname from pg_class where pg_get_userbyid(relowner) = any(:roles)"),
        {"roles": [role.value for role in Role]},
    )
    assert owned.all() == []


async def test_authz_026_a_view_asks_its_caller_or_is_read_by_who_counts_alone(session: AsyncSession) -> None:
    views = (await session.execute(_VIEWS, {"roles": [role.value for role in Role]})).all()
    assert views
    for view in views:
        assert view.asks_its_caller or view.readers == [Role.aggregate.value], view.name


@pytest.mark.parametrize("role", [Role.runtime, Role.linking])
async def test_without_somebody_who_acts_there_is_nothing_of_anybody(
    session: AsyncSession, cast: Cast, role: Role
) -> None:
    assert await rows_of(session, "patient") > 3
    await as_role(session, role)
    for table in RECORDS:
        assert await rows_of(session, table) == 0, table


async def test_who_counts_in_nobody_s_name_counts_nothing(session: AsyncSession, cast: Cast) -> None:
    assert await rows_of(session, "consent") > 0
    views = [view.name for view in await session.execute(_VIEWS, {"roles": [Role.aggregate.value]}) if view.readers]
    await as_role(session, Role.aggregate)
    assert len(views) == 3
    assert [await rows_of(session, view) for view in views] == [0, 0, 0]
    await session.execute(text("select set_config('tendwell.account', :id, true)"), {"id": str(cast.accounts["admin"])})
    assert await rows_of(session, "counted_refusal") > 0


@pytest.mark.parametrize("role", [Role.identity, Role.feed, Role.aggregate])
@pytest.mark.parametrize("table", ["patient", "observation", "goal", "residence", "consent", "action_plan"])
async def test_who_looks_after_accounts_follows_events_or_counts_has_no_right_on_records(
    session: AsyncSession, role: Role, table: str
) -> None:
    await as_role(session, role)
    with pytest.raises(DBAPIError, match="permission denied"):
        await session.execute(text(f"select * from {table} limit 1"))


@pytest.mark.parametrize("role", [Role.runtime, Role.feed, Role.aggregate])
@pytest.mark.parametrize("table", ["session", "refresh_token", "totp", "passkey", "recovery_code", "key", "letter"])
async def test_who_reads_records_reads_nothing_that_signs_anybody_in(
    session: AsyncSession, role: Role, table: str
) -> None:
    await as_role(session, role)
    with pytest.raises(DBAPIError, match="permission denied"):
        await session.execute(text(f"select * from {table} limit 1"))


async def test_a_password_s_hash_is_no_column_of_whoever_reads_records(session: AsyncSession) -> None:
    await as_role(session, Role.runtime)
    with pytest.raises(DBAPIError, match="permission denied"):
        await session.execute(text("select password_hash from account"))


async def visible_to(session: AsyncSession, cast: Cast, name: str, *about: str) -> set[str]:
    """Return by name whom the database shows to a member of the cast."""
    asked = {"a": cast.accounts[name], "at": cast.now, "about": [cast.patients[who] for who in about] or None}
    await session.execute(text("select enter(:a, :at, cast(:about as uuid[]))"), asked)
    found = set((await session.execute(text("select id from patient"))).scalars())
    return {who for who, patient_id in cast.patients.items() if patient_id in found}


async def test_who_acts_finds_whom_they_may_see_and_naming_others_finds_no_more(
    session: AsyncSession, cast: Cast
) -> None:
    await as_role(session, Role.runtime)
    assert await visible_to(session, cast, "gus_care_home_staff") == {ROSE}
    assert await visible_to(session, cast, "sam_himself") == {SAM}
    assert await visible_to(session, cast, "sam_himself", ROSE, TESS) == set()
    assert await visible_to(session, cast, "asha_clinician_of_practice") >= {ROSE, SAM}
    assert await visible_to(session, cast, "asha_clinician_of_practice", ROSE) == {ROSE}
    for nobody in ("iris_commissioner", "admin", "jack_administrator_of_practice", "nobody_at_all"):
        assert await visible_to(session, cast, nobody) == set(), nobody
        assert await visible_to(session, cast, nobody, ROSE) == set(), nobody


async def test_nothing_is_written_into_the_record_of_somebody_who_is_not_there(
    session: AsyncSession, cast: Cast
) -> None:
    await as_role(session, Role.runtime)
    await entered(session, cast.actor("sam_himself"))
    stranger = {"patient": cast.patients[ROSE], "home": cast.organisations["care_home"], "id": cast.now.date()}
    with pytest.raises(DBAPIError, match="row-level security"):
        async with session.begin_nested():
            await session.execute(
                text(
                    "insert into residence (id, patient_id, care_home_id, from_on)"
                    " values (gen_random_uuid(), :patient, :home, :id)"
                ),
                stranger,
            )
    changed = await session.execute(text("update patient set given_name = 'X' where id = :patient"), stranger)
    assert changed.rowcount == 0  # type: ignore[attr-defined]


_PATIENT = (
    "insert into patient (id, given_name, family_name, born_on, practice_id, created_at, created_by)"
    " values (gen_random_uuid(), 'A', 'B', '1950-01-01', :practice, :at, :me)"
)
_DELEGATE = (
    "insert into delegation (id, patient_id, account_id, accepted_at, code_hash, code_expires_at, relationship, scopes,"
    " ground, text_version, from_at, offered_at, offered_by, offered_as)"
    " values (gen_random_uuid(), :rose, :me, :at, 'x', :at, 'carer', '{read}', 'consent', 1, :at, :at, :me, 'self')"
)
_MEMBER = (
    "insert into care_team_member (id, care_team_id, account_id, from_at) values (gen_random_uuid(), :team, :me, :at)"
)
_TEAM = (
    "insert into care_team (id, organisation_id, name, created_at) values (gen_random_uuid(), :practice, 'Mine', :at)"
)
_ON_LIST = (
    "insert into care_team_patient (id, care_team_id, patient_id, from_at) values (gen_random_uuid(), :team, :own, :at)"
)
_GLASS = (
    "insert into break_glass (id, account_id, patient_id, organisation_id, reason_code, reason, opened_at, until_at)"
    " values (gen_random_uuid(), :asha, :own, :practice, 'emergency', 'No reason at all', :at,"
    " cast(:at as timestamptz) + interval '1 hour')"
)


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        ("a patient of a practice where one is no clinician", _PATIENT),
        ("that one acts for a stranger", _DELEGATE),
        ("oneself on a team of others", _MEMBER),
        ("a team at an organisation that is not one's own", _TEAM),
        ("a patient of one's own on a team of others", _ON_LIST),
        ("that somebody else broke the glass", _GLASS),
    ],
)
async def test_nobody_adds_what_would_give_them_a_reach(
    session: AsyncSession, cast: Cast, what: str, statement: str
) -> None:
    """Bea is a clinician of the other practice: of its patients, and of no team."""
    bea = cast.actor("bea_clinician_elsewhere")
    await as_role(session, Role.runtime)
    await entered(session, bea)
    own = await session.scalar(text("select id from patient limit 1"))
    said = {"me": bea.account_id, "at": cast.now, "practice": cast.organisations["practice"], "own": own}
    said |= {"team": cast.others["team"], "rose": cast.patients[ROSE], "asha": cast.accounts[ASHA]}
    with pytest.raises(DBAPIError, match="row-level security"):
        await session.execute(text(statement), {k: v for k, v in said.items() if f":{k}" in statement})


_SETTLED = {
    "whose record one acts in": "update delegation set patient_id = :rose where {own}",
    "until when one acts for somebody": "update delegation set until_at = null where {own}",
    "whose record was opened": "update break_glass set patient_id = :rose where {own}",
    "until when a record is open": "update break_glass set until_at = until_at + interval '1 hour' where {own}",
    "whose account a record is": "update patient set account_id = :me where id = :own",
    "where a patient is registered": "update patient set practice_id = :practice where id = :own",
    "what was consented to": "update consent set provision = 'permit' where patient_id = :own",
    "since when somebody lives there": "update residence set from_on = '2000-01-01' where patient_id = :own",
}
_ENDED = {
    "a delegation": "update delegation set ended_at = null where {own}",
    "a record that was closed again": "update break_glass set ended_at = null where {own}",
}


async def _act_as_bea(session: AsyncSession, cast: Cast, statement: str) -> int:
    """Return how many rows Bea changes, who acted for a patient of hers, and had their record open: both have ended."""
    bea = cast.actor("bea_clinician_elsewhere")
    await entered(session, bea)
    practice = {"p": cast.organisations["other_practice"]}
    own = await session.scalar(text("select id from patient where practice_id = :p limit 1"), practice)
    said = {"me": bea.account_id, "at": cast.now, "own": own, "rose": cast.patients[ROSE]}
    said |= {"practice": cast.organisations["practice"]}
    ends = [f"update {table} set ended_at = :at where account_id = :me" for table in ("delegation", "break_glass")]
    for made in (_DELEGATE.replace(":rose", ":own"), _GLASS.replace(":asha", ":me"), *ends):
        await session.execute(text(made), {k: v for k, v in said.items() if f":{k}" in made})
    await as_role(session, Role.runtime)
    asked = statement.format(own="account_id = (select acting_account())")
    changed = await session.execute(text(asked), {k: v for k, v in said.items() if f":{k}" in asked})
    return int(changed.rowcount)  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", _SETTLED)
async def test_nobody_changes_what_would_give_them_a_reach(session: AsyncSession, cast: Cast, what: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        await _act_as_bea(session, cast, _SETTLED[what])


@pytest.mark.parametrize("what", _ENDED)
async def test_what_gave_a_reach_and_has_ended_stays_ended(session: AsyncSession, cast: Cast, what: str) -> None:
    assert await _act_as_bea(session, cast, _ENDED[what]) == 0


@pytest.mark.parametrize("statement", [_PATIENT, _TEAM, _MEMBER, _ON_LIST])
async def test_what_one_may_add_is_added(session: AsyncSession, cast: Cast, statement: str) -> None:
    await as_role(session, Role.runtime)
    await entered(session, cast.actor(ASHA))
    await session.execute(text("update care_team_member set until_at = :at"), {"at": cast.now})
    await session.execute(text("update care_team_patient set until_at = :at"), {"at": cast.now})
    said = {"me": cast.accounts[ASHA], "at": cast.now, "practice": cast.organisations["practice"]}
    said |= {"team": cast.others["team"], "own": cast.patients[SAM]}
    await session.execute(text(statement), {k: v for k, v in said.items() if f":{k}" in statement})


async def test_nobody_writes_into_the_trail_as_somebody_else(session: AsyncSession, cast: Cast) -> None:
    await as_role(session, Role.runtime)
    await entered(session, cast.actor("sam_himself"))
    with pytest.raises(DBAPIError, match="row-level security"):
        await session.execute(
            text(
                "insert into audit_event (at, account_id, action, request_id, outcome)"
                " values (now(), :account, 'patient.read', 'forged', 'done')"
            ),
            {"account": cast.accounts["rose_herself"]},
        )


async def test_a_feed_acting_for_many_finds_only_those_whom_their_own_watcher_may_see(
    session: AsyncSession, cast: Cast
) -> None:
    await as_role(session, Role.runtime)
    pairs = [
        (cast.accounts["gus_care_home_staff"], cast.patients[ROSE]),
        (cast.accounts["gus_care_home_staff"], cast.patients[SAM]),
        (cast.accounts["bea_clinician_elsewhere"], cast.patients[ROSE]),
        (cast.accounts["nobody_at_all"], cast.patients[TESS]),
    ]
    asked = {"accounts": [a for a, _ in pairs], "patients": [p for _, p in pairs], "at": cast.now}
    await session.execute(text("select enter_for(:accounts, :patients, :at)"), asked)
    assert set((await session.execute(text("select id from patient"))).scalars()) == {cast.patients[ROSE]}


@pytest.fixture
async def narrow(committing_database: Database) -> AsyncIterator[Databases]:
    """Yield the databases of a process that has one connection for all its requests."""
    databases = Databases.at(committing_database.url, Limits(pool_size=1, pool_overflow=0))
    yield databases
    await databases.close()


async def test_authz_025_who_comes_next_on_the_same_connection_is_not_who_was_before(
    narrow: Databases, cast: Cast
) -> None:
    backend = text("select pg_backend_pid()")
    async with narrow.reading(cast.actor("asha_clinician_of_practice")) as session:
        assert await rows_of(session, "patient") > 1
        first = await session.scalar(backend)
    async with narrow.runtime.reading() as session:
        assert await session.scalar(backend) == first
        assert await rows_of(session, "patient") == 0
    with pytest.raises(LookupError):
        async with narrow.writing(cast.actor("asha_clinician_of_practice")):
            raise LookupError
    async with narrow.runtime.statements() as session:
        assert await session.scalar(backend) == first
        assert await rows_of(session, "patient") == 0
    async with narrow.reading(cast.actor("sam_himself")) as session:
        assert await rows_of(session, "patient") == 1


async def test_a_connection_that_could_pass_by_the_rules_is_not_admitted(cluster: Cluster, database_url: str) -> None:
    name = database_url.partition("@/")[2].partition("?")[0]
    for url, role, strictly, refusal in (
        (cluster.url(name), None, False, "Row security does not hold"),
        (cluster.url(name, user=SUPERUSER), None, False, "Row security does not hold"),
        (cluster.url(name), Role.runtime, True, "a login of their own"),
        (cluster.url(name, user=SUPERUSER), Role.runtime, True, "a login of their own"),
    ):
        connection = await connect(url, role=role)
        with pytest.raises(UnsupportedServer, match=refusal):
            await require_fit(connection, strictly=strictly)
        await connection.close()


async def test_a_table_without_rules_ends_the_use_of_a_database_at_its_next_connection(
    committing_database: Database,
) -> None:
    async def look() -> None:
        database = in_role(committing_database.url, Limits(), Role.runtime, strictly=False)
        try:
            async with database.reading():
                pass
        finally:
            await database.close()

    await look()
    async with committing_database.writing() as session:
        await session.execute(text("create table one_of_the_operator_s_own (words text)"))
    await look()
    async with committing_database.writing() as session:
        await session.execute(text(f"grant select on one_of_the_operator_s_own to {Role.runtime}"))
    with pytest.raises(UnsupportedServer, match="does not hold"):
        await look()
    async with committing_database.writing() as session:
        await session.execute(text("drop table one_of_the_operator_s_own"))
        await session.execute(text("alter function own_email() set search_path = public"))
    with pytest.raises(UnsupportedServer, match="does not hold"):
        await look()


async def test_nobody_but_the_owner_makes_temporary_tables_to_have_them_taken_for_ours(
    durable_cluster: Cluster,
) -> None:
    """A view of that name was asked with the owner's rights: its code could rewrite the trail."""
    await migrate(durable_cluster.url(), service_url=durable_cluster.url(user="tendwell_service"))
    for role in Role:
        service = await connect(durable_cluster.url(user="tendwell_service"), role=role)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="temporary tables"):
            await service.execute("create temp view account as select gen_random_uuid() as id, '' as email")
        await service.close()


async def test_a_server_that_may_forget_what_it_committed_is_not_admitted_in_production(
    durable_cluster: Cluster,
) -> None:
    await migrate(durable_cluster.url(), service_url=durable_cluster.url(user="tendwell_service"))
    lasting = await connect(durable_cluster.url(user="tendwell_service"), role=Role.runtime)
    await require_fit(lasting, strictly=True)
    await lasting.execute("set synchronous_commit to off")
    with pytest.raises(UnsupportedServer, match="synchronous_commit"):
        await require_fit(lasting, strictly=True)
    await require_fit(lasting, strictly=False)
    await lasting.close()


async def test_the_oldest_event_kept_is_the_same_for_whoever_asks_whomever_they_may_see(
    session: AsyncSession, cast: Cast
) -> None:
    await settle_epoch(session)
    await session.execute(text("delete from event_feed"))
    columns = "number, kind, patient_id, subject_ids, at"
    kept = f"insert into event_feed ({columns}) values (:n, 'x.y', :patient, '{{}}', now())"
    for number, patient in ((5, TESS), (9, ROSE)):
        await session.execute(text(kept), {"n": number, "patient": cast.patients[patient]})
    await session.execute(text("update event_relay set number = 9"))
    await as_role(session, Role.runtime)
    await entered(session, cast.actor(ASHA))
    assert (await session.execute(text("select array_agg(number) from event_feed"))).scalar_one() == [9]
    position = await feed_position(session)
    assert position is not None
    assert (position.oldest, position.number) == (5, 9)


async def test_access_that_changed_by_an_event_without_a_number_is_known_of_whom_one_asks_for_and_of_nobody_else(
    session: AsyncSession, cast: Cast
) -> None:
    await settle_epoch(session)
    await session.execute(text("delete from event_outbox"))
    asha, (rose, tess) = cast.actor(ASHA), (cast.patients[each] for each in (ROSE, TESS))
    (newest,) = (await session.execute(text("select number from event_relay"))).scalars()
    assert await whose_access_changed(session, asha.account_id, [rose, tess], newest) == set()
    await session.execute(
        text("insert into event_outbox (kind, patient_id) values ('access.changed', :p)"), {"p": tess}
    )
    await session.execute(text("insert into event_outbox (kind, patient_id) values ('x.y', :p)"), {"p": rose})
    await as_role(session, Role.runtime)
    await entered(session, asha)
    assert await whose_access_changed(session, asha.account_id, [rose], newest) == set()
    assert await whose_access_changed(session, asha.account_id, [rose, tess], newest) == {tess}


@pytest.mark.parametrize("whom", ["the_account", "everybody", "another"])
async def test_a_role_that_changed_by_an_event_without_a_number_counts_for_whom_it_names(
    session: AsyncSession, cast: Cast, whom: str
) -> None:
    await settle_epoch(session)
    await session.execute(text("delete from event_outbox"))
    asha, rose = cast.actor(ASHA), cast.patients[ROSE]
    named = {"the_account": [asha.account_id], "everybody": [], "another": [cast.accounts[CARL]]}[whom]
    (newest,) = (await session.execute(text("select number from event_relay"))).scalars()
    await session.execute(
        text("insert into event_outbox (kind, subject_ids) values ('access.changed', :s)"), {"s": named}
    )
    await as_role(session, Role.runtime)
    await entered(session, asha)
    changed = await whose_access_changed(session, asha.account_id, [rose], newest)
    assert changed == (set() if whom == "another" else {rose})
