"""Long answers as JSON in one step: past the schemas, which describe them to clients and hold them to it in tests.

A thousand points take 1 ms this way, and 20 ms as models. Decides nothing of what is told.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import Response

from api.schemas.accounts import OrganisationOut
from api.schemas.observations import ObservationOut, field_of
from api.schemas.strict import Out
from domain.accounts.queries import Organisation
from domain.observations.observation import Observation, age_seconds
from domain.observations.queries import PLACE, latest_ids, observations_by_ids, standing_latest
from domain.observations.series import Point, Series
from domain.observations.verdict import Outcome, Verdict
from domain.people.board_queries import row_edition
from domain.people.queries import VisiblePatient
from domain.statements import Work

MOST_PATIENTS: Final = 1_000
"""Of how many people the text is kept, those last asked after: with seven signs each, in about 10 MB."""

# How often what is named the latest may turn out to be put right meanwhile.
_TRIES: Final = 3
_NOTHING = orjson.Fragment(b"[]")
Buckets = list[dict[str, datetime | int | float]]


def encoded(answer: Mapping[str, Any], status: int = 200) -> Response:
    """Return an answer of plain values as JSON, its instants as the schemas write them."""
    return Response(orjson.dumps(answer, option=orjson.OPT_UTC_Z), status, media_type="application/json")


def encoded_model(answer: Out) -> Response:
    """Return an answer of a schema, as the framework would encode it."""
    return Response(answer.model_dump_json(by_alias=True), media_type="application/json")


def verdicts_answer(verdicts: Sequence[Verdict], received_at: datetime) -> dict[str, Any]:
    """Return verdicts as `VerdictsOut` describes them."""
    outcomes = [verdict.outcome for verdict in verdicts]
    return {
        "verdicts": [_verdict(index, verdict) for index, verdict in enumerate(verdicts)],
        "stored": outcomes.count(Outcome.stored),
        "duplicate": outcomes.count(Outcome.duplicate),
        "refused": outcomes.count(Outcome.refused),
        "received_at": received_at,
    }


def _verdict(index: int, verdict: Verdict) -> dict[str, Any]:
    refusal, known = verdict.refusal, verdict.observation_id
    return {
        "index": index,
        "client_id": verdict.client_id,
        "verdict": verdict.outcome,
        "observation_id": None if known is None else str(known),
        "code": refusal and refusal.code,
        "field": refusal and field_of(index, refusal),
        "detail": refusal and refusal.detail,
        "can_retry": refusal and refusal.can_retry,
        "hint": refusal and refusal.hint,
    }


def series_answer(series: Series) -> dict[str, Any]:
    """Return a series as `SeriesOut` describes it."""
    parts = series.parts
    return {
        "sign": series.sign,
        "unit": series.unit,
        "from": series.span.from_at,
        "until": series.span.until_at,
        "bucket_seconds": series.span.bucket_seconds,
        "points": None if series.points is None else _buckets(series.points),
        "parts": None if parts is None else {part: _buckets(points) for part, points in parts.items()},
    }


def _buckets(points: Sequence[Point]) -> Buckets:
    return [
        {"at": at, "n": number, "min": least, "max": greatest, "mean": mean}
        for at, number, least, greatest, mean in points
    ]


def board_answer(
    patients: Iterable[VisiblePatient],
    homes: Mapping[UUID, Organisation],
    latest: Mapping[UUID, orjson.Fragment],
    next_cursor: str | None,
) -> dict[str, Any]:
    """Return a page of the board as `BoardPage` describes it."""
    told = {home_id: OrganisationOut.of(home).model_dump(mode="json") for home_id, home in homes.items()}
    rows = [_board_row(each, homes, told, latest.get(each.id, _NOTHING)) for each in patients]
    return {"items": rows, "next_cursor": next_cursor}


def _board_row(
    found: VisiblePatient,
    homes: Mapping[UUID, Organisation],
    told: Mapping[UUID, Mapping[str, Any]],
    latest: orjson.Fragment,
) -> dict[str, Any]:
    home_id = found.care_home_id
    patient = {
        "id": str(found.id),
        "nhs_number": found.nhs_number,
        "given_name": found.given_name,
        "family_name": found.family_name,
        "born_on": found.born_on,
        "care_home": None if home_id is None else told.get(home_id),
        "room": found.room,
    }
    edition = row_edition(found, None if home_id is None else homes.get(home_id), found.room)
    return {"patient": patient, "latest": latest, "edition": edition}


@dataclass(frozen=True, slots=True)
class _Told:
    """One observation's text as the latest, up to its age; and what its age is told from. `place`: its sign's."""

    text: bytes
    effective_at: datetime
    stale_after: timedelta
    place: int


class LatestTexts:
    """The text of what was the latest of each sign when somebody last asked after a person.

    A current version never changes. Its text is told only beside the id that the database has just given to whoever
    asks, under the same rules as the row itself: so it is never stale, and shows nobody what the row would not.
    """

    def __init__(self, most_patients: int = MOST_PATIENTS) -> None:
        self._most = most_patients
        self._kept: OrderedDict[UUID, Mapping[UUID, _Told]] = OrderedDict()

    async def told(self, work: Work, patient_ids: Sequence[UUID], at: datetime) -> dict[UUID, orjson.Fragment]:
        """Return by patient the text of a list of the latest of each sign, as `LatestOut` describes them."""
        for _ in range(_TRIES):
            newest = await latest_ids(work, patient_ids)
            kept = {each: self._kept.get(each, {}) for each in newest}
            unknown = [each for whose, ids in newest.items() for each in ids if each not in kept[whose]]
            found = await observations_by_ids(work, unknown) if unknown else []
            # Whoever put one right between the two statements is heard: what it stood for then is gone.
            fresh = {each.id: each for each in found if each.edition == 1}
            if len(fresh) == len(unknown):
                break
        # What no longer stands after so many tries is named in error: such a person is told of by the readings alone.
        wrong = [whose for whose, ids in newest.items() if ids - kept[whose].keys() - fresh.keys()]
        standing = await standing_latest(work, wrong) if wrong else {}
        answer = {}
        for patient_id, ids in newest.items():
            texts = kept[patient_id]
            if patient_id in wrong:
                texts = {each.id: _told(each) for each in standing.get(patient_id, ())}
            elif texts.keys() != ids:
                these = ((each, texts.get(each) or _told(fresh[each])) for each in ids)
                texts = dict(sorted(these, key=lambda each: each[1].place))
            self.keep(patient_id, texts)
            answer[patient_id] = orjson.Fragment(b"[%b]" % b",".join(_latest(told, at) for told in texts.values()))
        return answer

    def __len__(self) -> int:
        """Return of how many people the text is kept."""
        return len(self._kept)

    def keep(self, patient_id: UUID, texts: Mapping[UUID, _Told]) -> None:
        """Take in what was just told of somebody, in place of what was before; let go of who was not asked after."""
        self._kept[patient_id] = texts
        self._kept.move_to_end(patient_id)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)


def _told(observation: Observation) -> _Told:
    shown = ObservationOut.of(observation).model_dump_json().encode()
    head = b'{"sign":%b,"observation":%b,"age_seconds":' % (orjson.dumps(observation.sign), shown)
    # In the zone of the instants that it is held against: between two zones Python asks each for its offset.
    effective_at = observation.effective_at.astimezone(UTC)
    return _Told(head, effective_at, observation.vital_sign.stale_after, PLACE[observation.sign])


def _latest(told: _Told, at: datetime) -> bytes:
    is_stale = b"true}" if at - told.effective_at > told.stale_after else b"false}"
    return b'%b%d,"stale":%b' % (told.text, age_seconds(told.effective_at, at), is_stale)
