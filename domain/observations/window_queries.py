"""Reading the newest readings of some signs in a span: one statement, bounded however much there is.

Takes no actor: for callers who have authorised, and who audit what they read it for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text

from domain.observations.queries import CURRENT
from domain.statements import Statement, Work, rows_of

# Of each sign: a month of sixteen a day. A sensor that sends more is looked at as far back as these reach.
MOST_OF_A_SIGN = 500

_WINDOW = Statement(
    text(
        f"""
    select found.* from unnest(cast(:signs as text[])) as s(sign)
    cross join lateral (
        select s.sign, o.id, o.effective_at, o.value, o.systolic, o.diastolic, o.comparator from observation o
        where o.patient_id = :patient_id and o.sign = sign_letter(s.sign) and {CURRENT}
            and o.effective_at >= :from_at and o.effective_at <= :until_at
        order by o.effective_at desc, o.received_at desc, o.id desc limit :most) found
    """
    )
)


@dataclass(frozen=True, slots=True)
class WindowReading:
    """One reading in its sign's canonical unit: a value, or a pair; `bound` if a meter showed only a limit."""

    id: UUID
    sign: str
    at: datetime
    value: Decimal | None
    systolic: Decimal | None
    diastolic: Decimal | None
    bound: str | None

    def of(self, part: str | None) -> Decimal | None:
        """Return the number of a part, or the value where there are no parts."""
        return {None: self.value, "systolic": self.systolic, "diastolic": self.diastolic}[part]


async def readings_between(
    work: Work, patient_id: UUID, signs: Collection[str], from_at: datetime, until_at: datetime
) -> list[WindowReading]:
    """Return the newest current readings of each of these signs in a span, both ends included."""
    asked = {
        "patient_id": patient_id,
        "signs": sorted(signs),
        "from_at": from_at,
        "until_at": until_at,
        "most": MOST_OF_A_SIGN,
    }
    return [
        WindowReading(row.id, row.sign, row.effective_at, row.value, row.systolic, row.diastolic, row.comparator)
        for row in await rows_of(work, _WINDOW, asked)
    ]
