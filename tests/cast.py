"""The cast: named people, each of whom fails by one clause of an access rule. Everyone is invented.

Made by the domain's own commands on a real database, so that a test begins where the product would.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from domain.access.actor import Actor, Grant, Role
from domain.accounts import commands as accounts
from domain.clock import london_date
from domain.people import care_team_commands as teams
from domain.people import commands as people
from domain.people import delegation_commands as delegations
from domain.people.break_glass import Emergency, ReasonCode
from domain.people.break_glass_commands import break_glass, end_break_glass
from domain.people.consent import Provision, Purpose
from domain.people.consent_commands import Choice, decide
from domain.people.consent_texts import current_text
from domain.people.delegation import DelegationEnd, Relationship, Terms
from domain.people.permission import Scope
from tests.in_one_role import entered

PASSWORD = "correct horse battery staple"
YESTERDAY = timedelta(days=1)
# What whoever lets somebody act for them must have been shown: the words in use.
DELEGATE_TEXT = current_text(Purpose.delegate).version


@dataclass
class Cast:
    """Ids by name: organisations, accounts and patients, and the actor that each account is."""

    now: datetime
    organisations: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    patients: dict[str, UUID] = field(default_factory=dict)
    others: dict[str, UUID] = field(default_factory=dict)
    grants: dict[str, tuple[Grant, ...]] = field(default_factory=dict)

    def actor(self, name: str, *, at: datetime | None = None) -> Actor:
        """Return the named account as the caller of a request now."""
        return Actor(self.accounts[name], at or self.now, request_id=f"test-{name}", grants=self.grants.get(name, ()))


# name -> (role, organisation); the patients' accounts hold no role.
STAFF: dict[str, tuple[Role, str]] = {
    "asha_clinician_of_practice": (Role.clinician, "practice"),
    "bea_clinician_elsewhere": (Role.clinician, "other_practice"),
    "carl_clinician_on_care_team": (Role.clinician, "network"),
    "dora_clinician_left_care_team": (Role.clinician, "network"),
    "earl_clinician_membership_expired": (Role.clinician, "practice"),
    "fern_clinician_membership_ended": (Role.clinician, "practice"),
    "gus_care_home_staff": (Role.care_home_staff, "care_home"),
    "hope_staff_of_former_home": (Role.care_home_staff, "former_home"),
    "iris_commissioner": (Role.commissioner, "commissioner"),
    "jack_administrator_of_practice": (Role.administrator, "practice"),
    "kit_clinician_disabled": (Role.clinician, "practice"),
    "lena_clinician_patient_left_team": (Role.clinician, "network"),
    "mona_clinician_from_tomorrow": (Role.clinician, "practice"),
    "ned_clinician_on_team_from_tomorrow": (Role.clinician, "network"),
    "olga_staff_of_future_home": (Role.care_home_staff, "future_home"),
    "pia_clinician_broke_glass": (Role.clinician, "network"),
    "quin_clinician_glass_run_out": (Role.clinician, "network"),
    "remy_clinician_glass_ended": (Role.clinician, "network"),
    "saul_privacy_officer": (Role.privacy_officer, "practice"),
}
PATIENTS = {
    "rose_resident": "rose_herself",
    "sam_at_home": "sam_himself",
    "tess_of_other_practice": "tess_herself",
    "will_not_sharing": "will_himself",
}
# Rose's delegates: with which scopes, from when and until when (days from now).
DELEGATES: dict[str, tuple[frozenset[Scope], int | None, int | None]] = {
    "uma_delegate": (frozenset({Scope.read, Scope.record, Scope.message}), None, None),
    "vic_delegate_who_records": (frozenset({Scope.record}), None, None),
    "wanda_delegate_revoked": (frozenset({Scope.read, Scope.record}), None, None),
    "xeno_delegate_run_out": (frozenset({Scope.read, Scope.record}), None, 0),
    "yara_delegate_from_tomorrow": (frozenset({Scope.read, Scope.record}), 1, None),
}


async def assemble(session: AsyncSession, now: datetime, password_hash: str) -> Cast:
    """Make the whole cast in the given transaction and return it."""
    cast = Cast(now)
    past = now - YESTERDAY
    root = accounts.NewOrganisation("QOP", "Invented Integrated Care Board", "commissioner", None)
    cast.accounts["admin"] = await accounts.create_administrator(
        session,
        past,
        organisation=root,
        email="admin@example.test",
        display_name="Ada Administrator",
        password_hash=password_hash,
    )
    cast.organisations["commissioner"] = (
        await session.execute(text("select id from organisation where ods_code = 'QOP'"))
    ).scalar_one()
    cast.grants["admin"] = (Grant(Role.administrator, cast.organisations["commissioner"]),)
    await _organisations(session, cast, past)
    await _accounts(session, cast, past, password_hash)
    await _patients(session, cast, past)
    await _teams(session, cast, past)
    await _delegates(session, cast, past)
    await _broken_glass(session, cast)
    await _endings(session, cast)
    return cast


async def _organisations(session: AsyncSession, cast: Cast, at: datetime) -> None:
    admin = cast.actor("admin", at=at)
    for name, code, kind, parent in (
        ("network", "U99999", "network", "commissioner"),
        ("practice", "Y99991", "practice", "network"),
        ("other_practice", "Y99992", "practice", "network"),
        ("care_home", "VHOME1", "care_home", "network"),
        ("former_home", "VHOME2", "care_home", "network"),
        ("future_home", "VHOME3", "care_home", "network"),
    ):
        new = accounts.NewOrganisation(code, f"Invented {name}", kind, cast.organisations[parent])
        cast.organisations[name] = await accounts.create_organisation(session, admin, new)


async def _accounts(session: AsyncSession, cast: Cast, at: datetime, password_hash: str) -> None:
    admin = cast.actor("admin", at=at)
    for name in (*STAFF, *PATIENTS.values(), *DELEGATES, "nobody_at_all"):
        new = accounts.NewAccount(
            f"{name}@example.test", name.replace("_", " "), password_hash, cast.organisations["commissioner"]
        )
        cast.accounts[name] = await accounts.create_account(session, admin, new)
    for name, (role, place) in STAFF.items():
        expires = cast.now if name.endswith("expired") else None
        starts = cast.now + timedelta(days=1) if name == "mona_clinician_from_tomorrow" else None
        membership = accounts.NewMembership(cast.accounts[name], cast.organisations[place], role, expires, starts)
        cast.others[f"membership_of_{name}"] = await accounts.grant_membership(session, admin, membership)
        cast.grants[name] = (Grant(role, cast.organisations[place]),)


async def _patients(session: AsyncSession, cast: Cast, at: datetime) -> None:
    asha, bea = cast.actor("asha_clinician_of_practice", at=at), cast.actor("bea_clinician_elsewhere", at=at)
    for name, clinician, practice, number in (
        ("rose_resident", asha, "practice", "9990000018"),
        ("sam_at_home", asha, "practice", "9990000026"),
        ("tess_of_other_practice", bea, "other_practice", None),
        ("will_not_sharing", asha, "practice", None),
    ):
        given, family = name.split("_")[0].title(), name.split("_")[-1].title()
        new = people.NewPatient(given, family, date(1940, 2, 29), cast.organisations[practice], number)
        cast.patients[name] = await people.register_patient(session, clinician, new)
        await people.link_account(session, clinician, cast.patients[name], cast.accounts[PATIENTS[name]])
    rose = cast.patients["rose_resident"]
    week_ago = (cast.now - timedelta(days=7)).date()
    former = people.NewResidence(cast.organisations["former_home"], week_ago - timedelta(days=30), "1")
    moved = await people.admit_to_care_home(session, asha, rose, former)
    await people.end_residence(session, asha, moved, week_ago)
    present = people.NewResidence(cast.organisations["care_home"], week_ago, "2")
    cast.others["residence_of_rose"] = await people.admit_to_care_home(session, asha, rose, present)
    await people.admit_to_care_home(session, asha, cast.patients["will_not_sharing"], present)
    # Not tomorrow: while the tests run, midnight may pass.
    to_come = people.NewResidence(cast.organisations["future_home"], london_date(cast.now) + timedelta(days=2), "3")
    await people.admit_to_care_home(session, bea, cast.patients["tess_of_other_practice"], to_come)


async def _teams(session: AsyncSession, cast: Cast, at: datetime) -> None:
    asha = cast.actor("asha_clinician_of_practice", at=at)
    for team, members in (
        ("team", ("carl_clinician_on_care_team", "dora_clinician_left_care_team")),
        ("former_team", ("lena_clinician_patient_left_team",)),
    ):
        made = await teams.create_care_team(session, asha, cast.organisations["practice"], team)
        cast.others[team] = made
        for member in members:
            await teams.add_member(session, asha, made, cast.accounts[member])
        await teams.add_patient(session, asha, made, cast.patients["rose_resident"])
    await teams.add_patient(session, asha, cast.others["team"], cast.patients["will_not_sharing"])
    ned, tomorrow = cast.accounts["ned_clinician_on_team_from_tomorrow"], cast.now + timedelta(days=1)
    await teams.add_member(session, asha, cast.others["team"], ned, tomorrow)


async def _delegates(session: AsyncSession, cast: Cast, at: datetime) -> None:
    rose = cast.actor("rose_herself", at=at)
    for name, (scopes, first, last) in DELEGATES.items():
        from_at = None if first is None else cast.now + timedelta(days=first)
        until_at = None if last is None else cast.now + timedelta(days=last)
        terms = Terms(Relationship.family, scopes, from_at, until_at)
        offered = await delegations.invite_delegate(
            session, rose, cast.patients["rose_resident"], terms, text_version=DELEGATE_TEXT
        )
        accepted = await delegations.accept_delegation(session, cast.actor(name, at=at), offered.code)
        cast.others[f"delegation_of_{name}"] = accepted


async def _broken_glass(session: AsyncSession, cast: Cast) -> None:
    for name, hours_ago, hours in (
        ("pia_clinician_broke_glass", 1, 4),
        ("quin_clinician_glass_run_out", 2, 1),
        ("remy_clinician_glass_ended", 1, 4),
    ):
        emergency = Emergency(
            "9990000018", date(1940, 2, 29), ReasonCode.emergency, "Found unconscious at the bus stop", hours
        )
        actor = cast.actor(name, at=cast.now - timedelta(hours=hours_ago))
        await entered(session, actor)
        opened = await break_glass(session, actor, emergency)
        assert opened is not None
        cast.others[f"glass_of_{name}"] = opened.id
    cast.others["alert_of_pia"] = (
        await session.execute(
            text("select id from privacy_alert where break_glass_id = :id"),
            {"id": cast.others["glass_of_pia_clinician_broke_glass"]},
        )
    ).scalar_one()


async def _endings(session: AsyncSession, cast: Cast) -> None:
    asha, admin = cast.actor("asha_clinician_of_practice"), cast.actor("admin")
    dora = cast.accounts["dora_clinician_left_care_team"]
    await teams.remove_member(session, asha, cast.others["team"], dora)
    await teams.remove_patient(session, asha, cast.others["former_team"], cast.patients["rose_resident"])
    rose = cast.actor("rose_herself")
    wanda = cast.others["delegation_of_wanda_delegate_revoked"]
    no_more = DelegationEnd.no_longer_wanted
    await delegations.end_delegation(session, rose, cast.patients["rose_resident"], wanda, no_more)
    remy = cast.others["glass_of_remy_clinician_glass_ended"]
    await end_break_glass(session, cast.actor("remy_clinician_glass_ended"), remy)
    sharing = Choice(Purpose.care_sharing, Provision.deny, current_text(Purpose.care_sharing).version)
    await decide(session, cast.actor("will_himself"), cast.patients["will_not_sharing"], sharing)
    fern = cast.others["membership_of_fern_clinician_membership_ended"]
    await accounts.end_membership(session, admin, fern)
    await accounts.disable_account(session, admin, cast.accounts["kit_clinician_disabled"])


def just_now() -> datetime:
    """Return the present instant, to the second, so that tests read well."""
    return datetime.now(UTC).replace(microsecond=0)
