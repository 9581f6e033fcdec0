"""What the API tells of articles: the shapes of its answers. Times are UTC."""

from typing import Any, Literal

from pydantic import BaseModel


class ArticleProblemView(BaseModel):
    """Something wrong with an article. line: in its YAML. rule: what kind it is ('few-phrasings', 'long-answer', …)."""

    article: str
    file: str
    line: int
    rule: str
    severity: Literal["warning", "error"]
    message: str


class DraftMarkView(BaseModel):
    """A draft in the list. content: its fields, which need not be right. faults: what keeps it from being an article
    at all; what else is in the way, `check` tells."""

    serial: int
    who: str
    at: str
    content: dict[str, Any]
    faults: list[str]


class ArticleRowView(BaseModel):
    """content: the fields that are served, without those that say nothing; none of what is only a draft."""

    id: str
    served: bool
    content: dict[str, Any] = {}
    draft: DraftMarkView | None = None


class ServedView(BaseModel):
    content: dict[str, Any]
    text: str
    version: str


class DraftView(BaseModel):
    """serial: to be given back as `seen` when it is saved."""

    content: dict[str, Any]
    text: str
    serial: int
    who: str


class ArticleView(BaseModel):
    id: str
    served: ServedView | None
    draft: DraftView | None


class CheckedView(BaseModel):
    """ok: nothing keeps it from being published."""

    ok: bool
    problems: list[ArticleProblemView]


class SavedView(BaseModel):
    serial: int
    problems: list[ArticleProblemView]


class AlikeView(BaseModel):
    """An article or draft that asks the same already; see `knowledge.exchange.duplicates.Alike`."""

    article: str
    is_draft: bool
    likeness: float
    same: bool


class TakenInView(BaseModel):
    """A question of an imported file. place: where it stood. notes: what was changed to make it speakable."""

    id: str
    place: str
    content: dict[str, Any]
    replaces: bool
    faults: list[str]
    notes: list[str]
    alike: list[AlikeView]


class ImportView(BaseModel):
    form: str
    encoding: str
    kept: bool
    drafts: list[TakenInView]


class MadeView(BaseModel):
    article: str
    number: int


class OutcomeView(BaseModel):
    """served: whether calls use it now; why: what keeps the server from it."""

    revisions: list[MadeView]
    unchanged: list[str]
    warnings: list[ArticleProblemView]
    served: bool
    why: list[str]


class ArticleRevisionView(BaseModel):
    """what: 'published', 'rolled_back' (to `of`), 'found' in the file."""

    number: int
    at: str
    what: str
    of: int | None
    who: str
    message: str


class ReviewSuggestionView(BaseModel):
    """What would answer a matter; see `knowledge.review.suggesting.Suggestion`. spoken: in the matter's language. yaml:
    the article as it would be, of one matter alone."""

    kind: Literal["phrasings", "article"]
    article: str
    phrasings: list[str]
    test: str
    why: str
    spoken: str
    yaml: str = ""


class QuestionView(BaseModel):
    text: str
    calls: int


class MissView(BaseModel):
    """One time that it was asked in vain. call: an interaction's id; operator: what a person answered then."""

    kind: str
    call: str
    at: str
    question: str
    unhelpful: list[str]
    better: str
    operator: list[str]
    handling_s: float


class UnansweredView(BaseModel):
    """Questions that ask the same. kinds: sign → how often. cost_s: calls × handling_s. misses: of one matter alone."""

    id: str
    language: str
    calls: int
    handling_s: float
    cost_s: float
    kinds: dict[str, int]
    questions: list[QuestionView]
    suggestion: ReviewSuggestionView
    misses: list[MissView] = []


class MattersView(BaseModel):
    """calls: how many were looked at. all: how many matters there are, of which the costliest are told."""

    calls: int
    all: int
    matters: list[UnansweredView]


class ApprovedView(BaseModel):
    """test: the question that the article must answer from now on. band: how surely it does."""

    article: str
    revision: int
    test: str
    band: str
    served: bool
    why: list[str]


class DismissedView(BaseModel):
    id: str
    questions: list[str]
