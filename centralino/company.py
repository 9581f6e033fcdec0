"""A company's folder: `company.toml` with its lines, the flowbook, the articles."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from centralino.settings import SettingsError
from dialogs.flowbook import Flowbook
from dialogs.hinting import vocabulary
from dialogs.loading import load_flowbook
from dialogs.understanding import Understanding
from knowledge.search import KnowledgeBase
from telephony.lines import Line, Lines
from voice.listening.endpointing import Endpointing
from voice.listening.hints import Hints
from voice.speaking import ssml
from voice.speaking.barge_in import BargeIn
from voice.speaking.synthesizer import Voice


class _Turns(BaseModel):
    """`[lines.turns]`: in ms, see `Endpointing` and `BargeIn`; what is not given keeps its default."""

    model_config = ConfigDict(extra="forbid")

    settled_ms: int | None = None
    answerable_ms: int | None = None
    silence_ms: int | None = None
    slow_ms: int | None = None
    unfinished_ms: int | None = None
    barge_in_ms: int | None = Field(default=None, ge=0, le=5_000)
    protected_ms: int | None = Field(default=None, ge=0, le=60_000)

    def endpointing(self) -> Endpointing:
        """Raises ValueError when the values contradict each other."""
        names = ("settled_ms", "answerable_ms", "silence_ms", "slow_ms", "unfinished_ms")
        return replace(Endpointing(), **self.model_dump(include=set(names), exclude_none=True))

    def barge_in(self) -> BargeIn:
        rule = BargeIn()
        return replace(
            rule,
            speech_ms=rule.speech_ms if self.barge_in_ms is None else self.barge_in_ms,
            protected_ms=rule.protected_ms if self.protected_ms is None else self.protected_ms,
        )


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_-]+$")
    title: str = ""
    number: str = Field(default="", pattern=r"^(\+[0-9]{5,15})?$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    recognizer: Literal["auto", "vosk", "whisper"] = "auto"
    voice_engine: str = "pyttsx3"
    voice: str = ""
    turns: _Turns = Field(default_factory=_Turns)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self.turns.endpointing()
        return self


class _Company(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1)
    flowbook: str = "flowbook.yaml"
    articles: str = "articles"
    lines: list[_Line] = Field(min_length=1)


@dataclass(frozen=True)
class Company:
    name: str
    book: Flowbook
    knowledge: KnowledgeBase
    lines: Lines
    engines: Mapping[str, str | None]
    """language: the recognizer its lines insist on, None when the best there is may be taken."""

    def prompts(self) -> list[tuple[str, Voice]]:
        """Everything that can be spoken without knowing the caller: to be rendered before the first call."""
        prompts = []
        for line in self.lines:
            texts = [*self.book.fixed_texts(line.language).values(), *self.knowledge.spoken_texts(line.language)]
            prompts += [(text, line.voice) for text in texts]
        return list(dict.fromkeys(prompts))


def load_company(folder: Path) -> Company:
    """Raises SettingsError, or the flowbook's and the articles' own errors: all name the file and what to do."""
    path = folder / "company.toml"
    try:
        described = _Company.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise SettingsError(f"{path} is missing: `company` must name a folder with a company.toml") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {error}") from None
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
        raise SettingsError(f"{path}: {faults}") from None
    book = load_flowbook(folder / described.flowbook, ssml.fault)
    knowledge = KnowledgeBase.load(folder / described.articles)
    for text in (text for code in book.codes for text in knowledge.spoken_texts(code)):
        if fault := ssml.fault(text):
            raise SettingsError(f"{folder / described.articles}: in the answer {text[:60]!r}: {fault}")
    understanding = Understanding(book, knowledge)
    for line in described.lines:
        if line.language not in book.codes:
            raise SettingsError(
                f"{path}: line {line.id!r} speaks {line.language!r}, which {described.flowbook} has no texts for; "
                f"add it to its languages"
            )
    engines: dict[str, str | None] = {}
    for line in described.lines:
        engine = None if line.recognizer == "auto" else line.recognizer
        if engines.setdefault(line.language, engine) != engine:
            raise SettingsError(f"{path}: the lines that speak {line.language!r} must have the same `recognizer`")
    words = {code: vocabulary(book, knowledge, code) for code in {line.language for line in described.lines}}
    hints = {code: Hints(code, known.phrases, known.texts) for code, known in words.items()}
    lines = Lines(
        Line(
            id=line.id,
            title=line.title,
            number=line.number,
            language=line.language,
            voice=Voice(line.voice_engine, line.language, line.voice),
            book=book,
            understanding=understanding,
            endpointing=line.turns.endpointing(),
            barge_in=line.turns.barge_in(),
            hints=hints[line.language],
        )
        for line in described.lines
    )
    return Company(described.name, book, knowledge, lines, engines)
