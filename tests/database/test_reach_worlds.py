"""Who may see whom in worlds put together at random: what PostgreSQL says is what a plain reading of the rule says."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor
from domain.access.ground import Basis
from domain.clock import london_date
from domain.people.permission import Scope
from domain.people.queries import visible_patient_ids
from domain.people.reach_queries import grounds, instants, reach, visible_pairs
from integrations.postgres.client import Database, Session

BEGINNING = datetime(2026, 6, 27, 21, tzinfo=UTC)  # 22:00 in London: its day changes two hours later, before UTC's
PLACES = {"practice": 0, "other": 1, "home": 2, "other_home": 3, "network": 4}
KINDS = ("practice", "practice", "care_home", "care_home", "network")
ACCOUNTS, PATIENTS = range(3), range(3)

hours = st.integers(0, 5)
ends = st.none() | hours
scopes = st.frozensets(st.sampled_from(Scope), min_size=1)
CLINICAL, RESIDENTIAL = ("practice", "other", "network"), ("home", "other_home")


@dataclass(frozen=True)
class World:
    """Who is what to whom, in hours from the beginning (days for residences)."""

    at: int
    disabled: frozenset[int]
    registered: tuple[int, ...]
    own_account: tuple[int | None, ...]
    memberships: list[tuple[int, str, str, int, int | None, int | None]]
    residences: list[tuple[int, str, int, int | None]]
    members: list[tuple[int, int, int | None]]
    on_list: list[tuple[int, int, int | None]]
    delegations: list[tuple[int, int, frozenset[Scope], bool, int, int | None, int | None]]
    withdrawals: list[tuple[int, int, int | None]]
    glasses: list[tuple[int, int, int, int, int | None]]
    account_ids: tuple[UUID, ...] = field(default=tuple(UUID(int=10 + n) for n in ACCOUNTS))
    patient_ids: tuple[UUID, ...] = field(default=tuple(UUID(int=20 + n) for n in PATIENTS))

    @property
    def now(self) -> datetime:
        return BEGINNING + timedelta(hours=self.at)


def rows(*columns: st.SearchStrategy[object], unique: int) -> st.SearchStrategy[list[tuple[object, ...]]]:
    """Return rows of which no two are alike in the first columns."""
    return st.lists(st.tuples(*columns), min_size=2, max_size=5, unique_by=lambda row: row[:unique])


SEES_NOBODY = ("commissioner", "administrator")
account, patient = st.sampled_from(ACCOUNTS), st.sampled_from(PATIENTS)
role_at = st.sampled_from(
    [(p, "clinician") for p in CLINICAL]
    + [(p, "care_home_staff") for p in RESIDENTIAL]
    + [("network", role) for role in SEES_NOBODY]
)
memberships = st.lists(
    st.tuples(account, role_at, hours, ends, ends).map(lambda r: (r[0], *r[1], *r[2:])),
    min_size=2,
    max_size=6,
    unique_by=lambda row: row[:3],
)
worlds = st.builds(
    World,
    at=hours,
    disabled=st.frozensets(account, max_size=1),
    registered=st.tuples(*(st.sampled_from((0, 1)) for _ in PATIENTS)),
    own_account=st.permutations([*ACCOUNTS, None, None]).map(lambda order: tuple(order[: len(PATIENTS)])),
    memberships=memberships,
    residences=rows(patient, st.sampled_from(RESIDENTIAL), st.integers(-1, 1), st.none() | st.integers(0, 2), unique=1),
    members=rows(account, hours, ends, unique=1),
    on_list=rows(patient, hours, ends, unique=1),
    delegations=rows(patient, account, scopes, st.booleans(), hours, ends, ends, unique=2),
    withdrawals=rows(patient, hours, ends, unique=1),
    glasses=rows(account, patient, hours, st.integers(1, 4), ends, unique=3),
)


Said = set[tuple[int, int, str, str | None]]


def holds(at: int, first: int, last: int | None) -> bool:
    """Return whether an hour lies in a span that is open at its end."""
    return first <= at and (last is None or at < last)


def span_end(first: int, last: int | None) -> int | None:
    """Return an end that comes after the beginning, as the tables ask for."""
    return None if last is None else max(last, first + 1)


def closed(first: int, last: int | None) -> int | None:
    """Return an end that does not come before the beginning."""
    return None if last is None else max(last, first)


def said_plainly(world: World) -> Said:
    """Return (account, patient, basis, scope) as the rule reads: this is the second opinion."""
    roles = {
        (who, place, role)
        for who, place, role, first, last, ended in world.memberships
        if who not in world.disabled and ended is None and holds(world.at, first, span_end(first, last))
    }
    found: Said = {(own, n, "self", None) for n, own in enumerate(world.own_account) if own is not None}
    for who, place, role in roles:
        here = {n for n in PATIENTS if PLACES[place] == world.registered[n]} if role == "clinician" else set()
        found |= {(who, n, "practice", None) for n in here}
    kept_out = {who for who, _, role in roles if role in SEES_NOBODY}
    granted = _by_grant(world, {who for who, _, role in roles if role == "clinician"})
    found |= _by_sharing(world, roles) | granted
    return {way for way in found if way[0] not in kept_out or way[2] not in {"self", "delegate"}}


def _by_sharing(world: World, roles: set[tuple[int, str, str]]) -> Said:
    today, began = london_date(world.now), london_date(BEGINNING)
    unshared = {who for who, _, last in world.withdrawals if last is None}
    found: Said = set()
    for n, home, first, last in world.residences:
        until = None if last is None else began + timedelta(days=max(first, last))
        is_here = began + timedelta(days=first) <= today and (until is None or today < until)
        if is_here and n not in unshared:
            found |= {(who, n, "care_home", None) for who, at, role in roles if (at, role) == (home, "care_home_staff")}
    clinicians = {who for who, _, role in roles if role == "clinician"}
    on_team = {who for who, first, last in world.members if last is None and first <= world.at} & clinicians
    for n, first, last in world.on_list:
        if last is None and first <= world.at and n not in unshared:
            found |= {(who, n, "care_team", None) for who in on_team}
    return found


def _by_grant(world: World, clinicians: set[int]) -> Said:
    found: Said = set()
    for whose, who, held, accepted, first, last, ended in world.delegations:
        if accepted and holds(world.at, first, span_end(first, last)) and ended is None:
            found |= {(who, whose, "delegate", scope.value) for scope in held}
    for who, whose, opened, length, ended in world.glasses:
        if who in clinicians and holds(world.at, opened, opened + length) and ended is None:
            found.add((who, whose, "break_glass", None))
    return found


def hour(number: int | None) -> datetime | None:
    return None if number is None else BEGINNING + timedelta(hours=number)


def day(number: int | None) -> date | None:
    return None if number is None else london_date(BEGINNING) + timedelta(days=number)


PLACE_IDS = tuple(UUID(int=1 + number) for number in range(len(KINDS)))
TEAM = UUID(int=99)


class Storing:
    """What stores a world, row by row."""

    def __init__(self, session: AsyncSession, world: World) -> None:
        self.session, self.world = session, world
        self.who, self.whom = world.account_ids, world.patient_ids
        self._serial = itertools.count(1000)

    async def add(self, table: str, **row: object) -> None:
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        await self.session.execute(text(f"insert into {table} ({names}) values ({values})"), row)

    def fresh(self) -> UUID:
        return UUID(int=next(self._serial))

    async def all(self) -> None:
        await self.people()
        await self.places()
        await self.delegates()
        await self.decisions()

    async def people(self) -> None:
        for n, (place, kind) in enumerate(zip(PLACE_IDS, KINDS, strict=True)):
            await self.add("organisation", id=place, ods_code=f"W{n}000", name="w", kind=kind, created_at=BEGINNING)
        about = {"password_hash": "none", "organisation_id": PLACE_IDS[0], "created_at": BEGINNING, "display_name": "w"}
        for n in ACCOUNTS:
            disabled = BEGINNING if n in self.world.disabled else None
            await self.add("account", id=self.who[n], email=f"w{n}@example.test", disabled_at=disabled, **about)
        for n in PATIENTS:
            own = self.world.own_account[n]
            names = {"given_name": "W", "family_name": "W", "born_on": day(-9000), "created_at": BEGINNING}
            await self.add(
                "patient",
                id=self.whom[n],
                created_by=self.who[0],
                practice_id=PLACE_IDS[self.world.registered[n]],
                account_id=None if own is None else self.who[own],
                **names,
            )

    async def places(self) -> None:
        for a, place, role, first, last, ended in self.world.memberships:
            span = {"starts_at": hour(first), "expires_at": hour(span_end(first, last)), "ended_at": hour(ended)}
            at = {"account_id": self.who[a], "organisation_id": PLACE_IDS[PLACES[place]], "role": role}
            await self.add("membership", id=self.fresh(), **at, **span)
        for n, home, first, last in self.world.residences:
            days = {"from_on": day(first), "until_on": day(closed(first, last))}
            home_id = PLACE_IDS[PLACES[home]]
            await self.add("residence", id=self.fresh(), patient_id=self.whom[n], care_home_id=home_id, **days)
        await self.add("care_team", id=TEAM, organisation_id=PLACE_IDS[0], name="w", created_at=BEGINNING)
        for a, first, last in self.world.members:
            span = {"from_at": hour(first), "until_at": hour(last)}
            await self.add("care_team_member", id=self.fresh(), care_team_id=TEAM, account_id=self.who[a], **span)
        for n, first, last in self.world.on_list:
            span = {"from_at": hour(first), "until_at": hour(last)}
            await self.add("care_team_patient", id=self.fresh(), care_team_id=TEAM, patient_id=self.whom[n], **span)

    async def delegates(self) -> None:
        code = {"code_expires_at": BEGINNING, "relationship": "family", "offered_as": "self", "offered_by": self.who[0]}
        law = {"ground": "court_deputy", "evidence": "seen", "review_on": day(9), "offered_at": BEGINNING}
        for n, a, held, accepted, first, last, ended in self.world.delegations:
            made = self.fresh()
            await self.add(
                "delegation",
                id=made,
                code_hash=made.bytes,
                patient_id=self.whom[n],
                scopes=sorted(held),
                account_id=self.who[a] if accepted else None,
                accepted_at=BEGINNING if accepted else None,
                from_at=hour(first),
                until_at=hour(span_end(first, last) or 10_000),
                ended_at=hour(ended),
                **code,
                **law,
            )

    async def decisions(self) -> None:
        said = {"purpose": "care_sharing", "provision": "deny", "text_version": 1, "language": "en-GB"}
        by = {"decided_by": self.who[0], "decided_as": "self", "authority": "person", "text_sha256": b""}
        for n, first, last in self.world.withdrawals:
            span = {"decided_at": hour(first), "ended_at": hour(closed(first, last))}
            await self.add("consent", id=self.fresh(), patient_id=self.whom[n], **said, **span, **by)
        why = {"reason_code": "emergency", "reason": "0123456789", "organisation_id": PLACE_IDS[0]}
        for a, n, opened, length, ended in self.world.glasses:
            span = {"opened_at": hour(opened), "until_at": hour(opened + length), "ended_at": hour(ended)}
            await self.add(
                "break_glass", id=self.fresh(), account_id=self.who[a], patient_id=self.whom[n], **why, **span
            )


# The rule's twin in PostgreSQL: whose records row security shows to whoever acts.
_ENTER = text("select enter(:account, :at, null)")
_ENTER_FOR = text("select enter_for(:accounts, :patients, :at)")
_SHOWN = text("select visible_patients()")
_ALLOWED = text("select visible_patients(), readable_patients(), writable_patients()")
# By rows: who decides in somebody's place reads as well.
_READ_BY, _WRITTEN_BY = (Scope.read, Scope.decide), (Scope.record, Scope.decide)


def _writes(basis: str, scope: str | None) -> bool:
    return scope in _WRITTEN_BY if basis == Basis.delegate else basis != Basis.break_glass


async def _is_shown(session: AsyncSession, account_id: UUID, patient_id: UUID, world: World) -> bool:
    asked = {"accounts": [account_id], "patients": [patient_id], "at": world.now}
    await session.execute(_ENTER_FOR, asked)
    shown: list[UUID] = await session.scalar(_SHOWN)
    return shown == [patient_id]


async def compare(session: AsyncSession, world: World) -> None:
    await Storing(session, world).all()
    expected, within = said_plainly(world), reach().subquery("reach")
    found = (await session.execute(select(within), instants(world.now))).all()
    numbers = {each: n for ids in (world.account_ids, world.patient_ids) for n, each in enumerate(ids)}
    said = {
        (numbers[r.account_id], numbers[r.patient_id], r.basis, r.detail if r.basis == Basis.delegate else None)
        for r in found
    }
    assert said == expected
    readable = {(a, p, b) for a, p, b, scope in expected if b != Basis.delegate or scope == Scope.read}
    everyone = {(a, p) for a in world.account_ids for p in world.patient_ids}
    pairs = {(numbers[a], numbers[p]) for a, p in await visible_pairs(session, everyone, world.now)}
    assert pairs == {(a, p) for a, p, _ in readable}
    rows_read = {(a, p) for a, p, basis, scope in expected if basis != Basis.delegate or scope in _READ_BY}
    assert {(numbers[a], numbers[p]) for a, p in everyone if await _is_shown(session, a, p, world)} == rows_read
    for n, account_id in enumerate(world.account_ids):
        actor = Actor(account_id, world.now)
        await session.execute(_ENTER, {"account": account_id, "at": world.now})
        shown, to_read, to_write = [{numbers[p] for p in each} for each in (await session.execute(_ALLOWED)).one()]
        assert shown == {p for a, p, _, _ in expected if a == n}
        assert to_read == {p for a, p in rows_read if a == n}
        assert to_write == {p for a, p, basis, scope in expected if a == n and _writes(basis, scope)}
        listed = {numbers[each] for each in await visible_patient_ids(session, actor, 100)}
        assert listed == {p for a, p, b in readable if a == n and b != Basis.break_glass}
        on_ground = await grounds(session, actor, world.patient_ids)
        order = list(Basis)
        assert {numbers[p]: g.basis for p, g in on_ground.items()} == {
            p: min((Basis(b) for a, q, b in readable if (a, q) == (n, p)), key=order.index)
            for a, p, _ in readable
            if a == n
        }


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(world=worlds)
def test_whoever_is_whatever_to_whom_the_database_says_what_the_rule_says(database_url: str, world: World) -> None:
    async def in_a_transaction_of_its_own() -> None:
        database = Database(database_url)
        async with database.engine.connect() as connection:
            outer = await connection.begin()
            async with Session(connection, join_transaction_mode="create_savepoint") as session:
                await compare(session, world)
            await outer.rollback()
        await database.close()

    asyncio.run(in_a_transaction_of_its_own())
