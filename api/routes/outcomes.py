"""What became of a pathway's people, for its commissioner: figures after disclosure control, never persons."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from api.deps import Counting, CurrentActor
from api.media_types import prefers_csv
from api.schemas.outcomes import BaselineDays, Format, OutcomeSummaryOut
from api.schemas.strict import Id
from api.strict_routing import StrictRoute
from domain.outcomes.definitions import DEFAULT_BASELINE_DAYS, MeasureKey
from domain.outcomes.release_commands import read_outcomes

router = APIRouter(prefix="/v1/outcomes", tags=["outcomes"], route_class=StrictRoute)

Baseline = Annotated[BaselineDays, Query(description="Length of the window before joining, in days.")]
Measure = Annotated[MeasureKey | None, Query(description="One measure; all when absent.")]
AsFormat = Annotated[Format | None, Query(description="'csv' for a file; so does the Accept header text/csv.")]


@router.get(
    "/summary",
    response_model=OutcomeSummaryOut,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The released figures."}},
)
async def get_outcome_summary(
    pathway_id: Id,
    actor: CurrentActor,
    counting: Counting,
    measure: Measure = None,
    baseline_days: Baseline = DEFAULT_BASELINE_DAYS,
    format: AsFormat = None,  # noqa: A002  the parameter's name in the API
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> OutcomeSummaryOut | Response:
    """Return contacts per 1,000 person-days before and since joining a pathway, compared, with intervals and cautions.

    For the commissioner in whose tree the pathway is owned; 404 for everyone else.
    """
    measures = list(MeasureKey) if measure is None else [measure]
    async with counting() as session:
        report = await read_outcomes(session, actor, pathway_id, measures=measures, baseline_days=baseline_days)
    summary = OutcomeSummaryOut.of(report)
    if format == "csv" or (format is None and prefers_csv(accept)):
        return _file(summary)
    return summary


def _file(summary: OutcomeSummaryOut) -> Response:
    """Return the summary as a file to keep."""
    name = f"outcomes-{summary.pathway.code}-{summary.data_until}-{summary.baseline_days}-days.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Vary": "Accept"}
    return Response(summary.as_csv(), media_type="text/csv; charset=utf-8", headers=headers)
