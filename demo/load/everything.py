"""Loading the whole demo, step by step; every step looks first and records only what is missing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime

from demo import installation
from demo.cast import (
    CAREFUL_CLINICIAN,
    CHARTS,
    CLINICIAN,
    COLLEAGUES,
    COMMISSIONER_CODE,
    FAR_PRACTICE,
    NEAR_PRACTICE,
    PATIENT,
    SECOND_CLINICIAN,
)
from demo.connection import Connection, MoreIsAsked, SignIn, Unreachable
from demo.load.care_plans import record_care_plans
from demo.load.colleagues import record_colleagues
from demo.load.first_sign_ins import set_authenticator_up
from demo.load.history import record_history
from demo.load.pathway import record_pathway
from demo.load.people import Loaded, record_own_accounts, record_people, record_team
from demo.load.places import WrongInstallation, known_codes, record_places
from demo.load.plans import record_plans
from demo.signing_in import sign_in_of
from demo.surroundings import ADMIN_EMAIL, ADMIN_PASSWORD, Missing, Surroundings

Say = Callable[[str], None]
Pause = Callable[[float], Awaitable[None]]
PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 1.0


async def load_once_reachable(
    told: Surroundings,
    connection: Connection,
    say: Say,
    *,
    pause: Pause = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Load, and go on where that stopped as long as what stands in the way passes by itself.

    For a minute at most from the first time that something did, which is said. Raises what `load` raises; Unreachable
    only when the minute is over.
    """
    give_up_at: float | None = None
    while True:
        try:
            return await load(told, connection, say)
        except Unreachable as unreachable:
            wait = max(PAUSE_SECONDS, unreachable.after_seconds)
            if give_up_at is None:
                give_up_at = clock() + PATIENCE_SECONDS
                say(f"waiting: {unreachable}")
            if clock() + wait > give_up_at:
                raise
        await pause(wait)


async def load(told: Surroundings, connection: Connection, say: Say) -> None:
    """Record everything that is missing, and leave nobody signed in. Raises Unreachable (load again: it goes on).

    Raises Missing, WrongInstallation, ImportRefused, SignInEnds and Refused, which no repeat will change.
    """
    began = time.monotonic()
    if not told.admin_email or not told.admin_password:
        raise Missing(f"{ADMIN_EMAIL} and {ADMIN_PASSWORD} must name the administrator who loads the demo")
    async with AsyncExitStack() as signed_in:

        def sign_in(email: str, password: str) -> SignIn:
            made = sign_in_of(connection, told.file, email, password)
            signed_in.push_async_callback(made.sign_out)
            return made

        admin = sign_in(told.admin_email, told.admin_password)
        held = await _installation(told, admin)
        people = {who.email: sign_in(who.email, held.passwords[who.email]) for who in COLLEAGUES}
        clinicians = {NEAR_PRACTICE: people[CLINICIAN.email], FAR_PRACTICE: people[SECOND_CLINICIAN.email]}
        today = held.dated_from.date()

        places = await record_places(admin)
        accounts = await record_colleagues(admin, connection, places, held.passwords, told.file)
        await _enrol(people[CAREFUL_CLINICIAN.email], told)
        say(f"{len(places)} organisations, {len(accounts)} accounts")
        loaded = Loaded(places, accounts, await record_people(clinicians, places, today))
        await record_own_accounts(people[CLINICIAN.email], people, loaded)
        await record_team(people[SECOND_CLINICIAN.email], places[FAR_PRACTICE], loaded)
        say(f"{len(loaded.patients)} patients")
        counts = await record_history(people[PATIENT.email], people[CHARTS.email], loaded.patients, held.dated_from)
        say(f"{counts.pop('stored')} readings of history, {counts.total()} refused")
        goals = await record_plans(people[CLINICIAN.email], people, loaded.patients, today)
        await record_care_plans(people[CLINICIAN.email], people, loaded.patients, today)
        enrolled, contacts = await record_pathway(admin, clinicians, loaded, today)
        say(f"{goals} goals, {enrolled} enrolments, {contacts} contacts")
    say(f"loaded in {time.monotonic() - began:.1f} s")


async def _enrol(careful: SignIn, told: Surroundings) -> None:
    """Set the app of whoever signs in with a second factor up, unless it asks for one already."""
    with suppress(MoreIsAsked):
        await set_authenticator_up(
            careful, lambda secret: installation.remember_authenticator(told.file, CAREFUL_CLINICIAN.email, secret)
        )


async def _installation(told: Surroundings, admin: SignIn) -> installation.Installation:
    """Return the installation; in a service without the demo's places, history is dated from now."""
    fresh = COMMISSIONER_CODE not in await known_codes(admin)
    if not fresh and installation.read(told.file) is None:
        raise WrongInstallation(f"the demo is in this service already, and its passwords are not in {told.file}")
    now = datetime.now(UTC).replace(microsecond=0)
    return installation.ensure(told.file, [who.email for who in COLLEAGUES], at=now, fresh=fresh)
