"""What comes when the talking is over: the work behind a call, and how satisfied the caller was. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from history.events import StoredEvent
from history.payloads import OperatorWrappedUp, SurveyAnswered


@dataclass(frozen=True)
class WrapUp:
    """An operator's work behind a call; seq is that of its event. code, note: '' when they gave none."""

    interaction_id: str
    seq: int
    operator: str
    duration_ms: int
    code: str
    note: str
    at: datetime


@dataclass(frozen=True)
class SurveyResponse:
    """The caller's answer to a survey, the first of its kind. kind: 'csat' (1 to scale) | 'nps' (0 to 10).

    answered_by: 'key' | 'voice' | '' (not known). comment: in the caller's words.
    """

    interaction_id: str
    kind: str
    seq: int
    survey: str
    score: int
    scale: int
    answered_by: str
    comment: str
    at: datetime


def after_call(event: StoredEvent) -> WrapUp | SurveyResponse | None:
    """The row that `event` stands for, None when it is of another type or tells no more than that it was."""
    try:
        if event.type == "operator.wrapped_up":
            done = OperatorWrappedUp.model_validate(event.payload)
            told = (done.operator, done.duration_ms, done.code, done.note)
            return WrapUp(event.interaction_id, event.seq, *told, event.occurred_at)
        if event.type == "survey.answered":
            said = SurveyAnswered.model_validate(event.payload)
            if said.score is None:
                return None
            of = (event.interaction_id, said.kind, event.seq, said.survey)
            return SurveyResponse(*of, said.score, said.scale, said.answered_by, said.comment, event.occurred_at)
    except ValidationError:
        return None  # written before such payloads were checked
    return None
