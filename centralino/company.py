"""A company's folder: `company.toml` with its lines, the flowbook, the articles."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from centralino.settings import SettingsError
from dialogs.events import TurnSettings
from dialogs.flowbook import Flowbook
from dialogs.hinting import vocabulary
from dialogs.loading import load_flowbook
from dialogs.steps.turns import Turns
from dialogs.understanding import Understanding
from knowledge.search import KnowledgeBase
from telephony.lines import Line, Lines
from telephony.turn_limits import barge_in_with, endpointing_with
from voice.listening.endpointing import Endpointing
from voice.listening.hints import Hints
from voice.speaking import ssml
from voice.speaking.barge_in import BargeIn
from voice.speaking.engines import known_synthesizers
from voice.speaking.synthesizer import Voice


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64, pattern=r"^[a-z0-9_-]+$")
    title: str = ""
    number: str = Field(default="", pattern=r"^(\+[0-9]{5,15})?$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    recognizer: Literal["auto", "vosk", "whisper"] = "auto"
    voice_engine: str = "pyttsx3"
    voice: str = ""
    turns: Turns = Field(default_factory=Turns)

    @model_validator(mode="after")
    def _possible(self) -> Self:
        self.endpointing()
        return self

    def endpointing(self) -> Endpointing:
        """Raises ValueError when its values contradict each other."""
        return endpointing_with(Endpointing(), self.turns.settings)


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
    articles: Path
    """The folder that `knowledge` was read from."""

    def prompts(self) -> list[tuple[str, Voice]]:
        """All that may be spoken: what of it does not depend on the caller is rendered before the first call."""
        prompts = []
        for line in self.lines:
            texts = [*self.book.spoken_texts(line.language), *self.knowledge.spoken_texts(line.language)]
            prompts += [(text, line.voice) for text in texts]
        return list(dict.fromkeys(prompts))


def _voice_name(folder: Path, name: str) -> str:
    """The name of a voice; one that is a file lies in the company's folder, unless its path says otherwise."""
    return str(folder / Path(name).expanduser()) if name.endswith(".onnx") else name


def load_company(folder: Path, flowbook: Path | None = None) -> Company:
    """flowbook: to be taken in place of the one that company.toml names.

    Raises SettingsError, or the flowbook's and the articles' own errors: all name the file and what to do.
    """
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
    file = flowbook or folder / described.flowbook
    book = load_flowbook(file, ssml.fault, lambda turns: _turns_fault(described.lines, turns))
    knowledge = KnowledgeBase.load(folder / described.articles)
    for text in (text for code in book.codes for text in knowledge.spoken_texts(code)):
        if fault := ssml.fault(text):
            raise SettingsError(f"{folder / described.articles}: in the answer {text[:60]!r}: {fault}")
    understanding = Understanding(book, knowledge)
    for line in described.lines:
        if line.voice_engine not in known_synthesizers():
            raise SettingsError(
                f"{path}: line {line.id!r}: there is no voice_engine {line.voice_engine!r}; "
                f"there are {', '.join(known_synthesizers())}"
            )
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
            voice=Voice(line.voice_engine, line.language, _voice_name(folder, line.voice)),
            book=book,
            understanding=understanding,
            endpointing=line.endpointing(),
            barge_in=barge_in_with(BargeIn(), line.turns.settings),
            hints=hints[line.language],
        )
        for line in described.lines
    )
    return Company(described.name, book, knowledge, lines, engines, folder / described.articles)


def _turns_fault(lines: list[_Line], turns: TurnSettings) -> str:
    """Every line may come to every step, so a step's settings must go with each line's own."""
    for line in lines:
        try:
            endpointing_with(line.endpointing(), turns)
        except ValueError as error:
            return f"on line {line.id!r}: {error}"
    return ""
