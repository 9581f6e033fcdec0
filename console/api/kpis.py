"""KPIs for supervisors and flow admins: over a time, whole or by something, as JSON or CSV."""

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from console.guard import Guard, refusal
from console.sessions import Session
from history.deriving.report import KpiReport
from history.deriving.report_csv import as_csv
from history.kpis import KPIS


class ValueView(BaseModel):
    """value: None when there is nothing to tell. n: what it rests on."""

    value: float | None
    n: int


class RowView(BaseModel):
    key: str
    calls: int
    values: dict[str, ValueView]


class DefinitionView(BaseModel):
    """unit: 'share' (0 to 1), 'ms', 'count', 'points'."""

    name: str
    unit: str
    formula: str


class KpiPage(BaseModel):
    first: date
    last: date
    by: str
    line: str
    within_s: int
    rows: list[RowView]
    definitions: list[DefinitionView]


def kpis(report: KpiReport, guard: Guard) -> APIRouter:
    """The routes. Nothing here is about one operator, or one contact."""
    router = APIRouter(prefix="/api", tags=["kpis"])
    reader = Annotated[Session, Depends(guard.having("supervisor", "flow-admin"))]
    definitions = [DefinitionView(name=kpi.name, unit=kpi.unit, formula=kpi.formula) for kpi in KPIS]

    @router.get("/kpis", response_model=KpiPage)
    async def get_kpis(
        session: reader,
        first: Annotated[date, Query(alias="from")],
        last: Annotated[date, Query(alias="to")],
        by: Annotated[str, Query(max_length=16)] = "",
        line: Annotated[str, Query(max_length=64)] = "",
        within_s: Annotated[int, Query(alias="within", ge=1, le=3600)] = 20,
        form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
    ) -> Any:
        """from, to: days, both included. by: one of `report.GROUPINGS`. within: seconds of the service level."""
        try:
            rows = await report.rows(first, last, by, line=line, within_s=within_s)
        except ValueError as error:
            raise refusal(422, "bad_kpis", str(error)) from None
        if form == "csv":
            name = f"kpis-{first}-{last}{f'-{by}' if by else ''}.csv"
            headers = {"Content-Disposition": f'attachment; filename="{name}"'}
            return Response(as_csv(rows, by), media_type="text/csv; charset=utf-8", headers=headers)
        views = [
            RowView(
                key=row.key,
                calls=row.calls,
                values={name: ValueView(value=one.value, n=one.n) for name, one in row.values.items()},
            )
            for row in rows
        ]
        return KpiPage(first=first, last=last, by=by, line=line, within_s=within_s, rows=views, definitions=definitions)

    return router
