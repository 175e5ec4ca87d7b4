"""Reading the patients of many callers at once: each pair is judged by itself, by the same rule as one alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, Uuid, and_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import col

from domain.access.actor import Actor
from domain.arrays import as_array
from domain.errors import NotPermitted
from domain.people.permission import Action, adds_without_reading
from domain.people.queries import PARTICULARS, PLACE, VisiblePatient, as_visible, permitted
from domain.people.reach_queries import TODAY, instants, lives_there_on, reach, reason_of, scopes_of
from domain.people.tables import PatientRow, ResidenceRow
from domain.statements import Statement, Work, rows_of


def _related_pairs() -> Select[Any]:
    """Return SQL for how each of these accounts is related to the patient beside it; no row where it is not.

    LATERAL for the reason that `reach_queries` gives: each pair is looked up by index.
    """
    ids = (cast(bindparam(name, type_=Text()), ARRAY(Uuid())) for name in ("accounts", "patients"))
    asked = func.unnest(*ids).table_valued("account_id", "patient_id", with_ordinality="place").render_derived("asked")
    within = reach().subquery("reach")
    stands = (
        select(
            func.array_agg(within.c.basis.distinct()).label("bases"),
            scopes_of(within).label("scopes"),
            reason_of(within).label("reason"),
        )
        .where(within.c.account_id == asked.c.account_id, within.c.patient_id == asked.c.patient_id)
        .lateral("stands")
    )
    return (
        select(*PARTICULARS, stands, *PLACE, asked.c.place)
        .select_from(asked)
        .join(stands, stands.c.bases.is_not(None))
        .join(PatientRow, col(PatientRow.id) == asked.c.patient_id)
        .outerjoin(ResidenceRow, and_(col(ResidenceRow.patient_id) == col(PatientRow.id), lives_there_on(TODAY)))
    )


_RELATED_PAIRS = Statement(_related_pairs())


async def patients_of_pairs(
    work: Work, pairs: Sequence[tuple[Actor, UUID]], action: Action
) -> list[VisiblePatient | None]:
    """Return each patient with the ground on which the actor beside them may do this; None where they may not.

    None too for who adds to a record that they may not read: that is prepared for one alone (`permitted_patient`). All
    are judged at the latest of the actors' instants.
    """
    if not pairs:
        return []
    asked = {
        **instants(max(actor.at for actor, _ in pairs)),
        "accounts": as_array(actor.account_id for actor, _ in pairs),
        "patients": as_array(patient_id for _, patient_id in pairs),
    }
    rows = {place: row for *row, place in await rows_of(work, _RELATED_PAIRS, asked)}
    return [
        _permitted(actor, rows[place], action) if place in rows else None
        for place, (actor, _) in enumerate(pairs, start=1)
    ]


def _permitted(actor: Actor, row: Sequence[Any], action: Action) -> VisiblePatient | None:
    patient = as_visible(actor, row)
    if adds_without_reading(patient.standing, action):
        return None
    try:
        return permitted(actor, patient, action)
    except NotPermitted:
        return None
