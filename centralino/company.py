"""A company's folder: `company.toml` with its lines, the flowbooks, the articles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from centralino.company_file import CompanyErrors, CompanyFile, LineSection
from centralino.revisions import Revisions
from centralino.settings import SettingsError
from dialogs.events import TurnSettings
from dialogs.flowbook import Flowbook
from dialogs.hinting import vocabulary
from dialogs.loading import read_flowbook, text_of
from dialogs.understanding import Understanding
from knowledge.search import KnowledgeBase
from telephony.lines import Hours, Line, Lines
from telephony.music import Music, MusicUnreadable
from telephony.recording.policy import RecordingPolicy
from telephony.turn_limits import barge_in_with, endpointing_with
from voice.listening.hints import Hints
from voice.speaking import ssml
from voice.speaking.barge_in import BargeIn
from voice.speaking.engines import known_synthesizers
from voice.speaking.synthesizer import Voice


@dataclass(frozen=True)
class Company:
    """book: the usual flowbook; books: all that lines use, with their texts. files: everything it was read from."""

    name: str
    book: Flowbook
    knowledge: KnowledgeBase
    lines: Lines
    engines: Mapping[str, str | None]
    """language: the recognizer its lines insist on, None when the best there is may be taken."""
    articles: Path
    """The folder that `knowledge` was read from."""
    books: tuple[tuple[Flowbook, str], ...] = ()
    music: Music = field(default_factory=Music.built_in, compare=False, repr=False)
    files: tuple[Path, ...] = ()

    def prompts(self) -> list[tuple[str, Voice]]:
        """All that may be spoken: what of it does not depend on the caller is rendered before the first call."""
        prompts = []
        for line in self.lines:
            texts = [*line.book.spoken_texts(line.language), *self.knowledge.spoken_texts(line.language)]
            prompts += [(text, line.voice) for text in texts]
        return list(dict.fromkeys(prompts))


def load_company(folder: Path, flowbook: Path | None = None, revisions: Revisions | None = None) -> Company:
    """flowbook: to be taken in place of the one that company.toml names. revisions: flowbooks as they once were.

    Raises SettingsError, or the flowbook's and the articles' own errors: all name the file, the line and what to do.
    """
    file = CompanyFile(folder / "company.toml")
    described = file.described
    books = _Books(folder, file, flowbook, revisions)
    of_line = [books.of(number) for number in range(len(described.lines))]
    knowledge = KnowledgeBase.load(folder / described.articles)
    codes = dict.fromkeys(code for book, _ in books.used for code in book.codes)
    for text in (text for code in codes for text in knowledge.spoken_texts(code)):
        if fault := ssml.fault(text):
            raise SettingsError(f"{folder / described.articles}: in the answer {text[:60]!r}: {fault}")
    if wrong := [fault for number, book in enumerate(of_line) for fault in _wrong(file, number, book)]:
        raise CompanyErrors(wrong)
    music = _music(file, folder)
    understandings = {book.revision: Understanding(book, knowledge) for book, _ in books.used}
    hints: dict[tuple[str, str], Hints] = {}
    for line, book in zip(described.lines, of_line, strict=True):
        if (line.language, book.revision) not in hints:
            known = vocabulary(book, knowledge, line.language)
            hints[line.language, book.revision] = Hints(line.language, known.phrases, known.texts)
    lines = Lines(
        Line(
            id=line.id,
            title=line.title,
            number=line.number,
            language=line.language,
            voice=Voice(line.voice_engine, line.language, _voice_name(folder, line.voice)),
            book=book,
            understanding=understandings[book.revision],
            endpointing=line.endpointing(),
            barge_in=barge_in_with(BargeIn(), line.turns.settings),
            hints=hints[line.language, book.revision],
            conditioning=line.sound.conditioning(),
            human_number=line.human_number,
            hours=_hours(file, line),
            recording=RecordingPolicy(line.recording == "after_notice", line.recordings_kept_days),
            music=music,
        )
        for line, book in zip(described.lines, of_line, strict=True)
    )
    engines = {line.language: None if line.recognizer == "auto" else line.recognizer for line in described.lines}
    for book, _ in books.used:  # callers may go on in these
        for code in book.switched_to:
            engines.setdefault(code, None)
    articles = folder / described.articles
    files = (file.path, *books.files, articles, *([folder / described.music] if described.music else []))
    return Company(
        described.name, of_line[books.usual], knowledge, lines, engines, articles, tuple(books.used), music, files
    )  # fmt: skip


class _Books:
    """Each flowbook is read once."""

    def __init__(self, folder: Path, file: CompanyFile, instead: Path | None, revisions: Revisions | None) -> None:
        self._folder, self._file, self._instead, self._revisions = folder, file, instead, revisions
        self._read: dict[Path, tuple[Flowbook, str]] = {}
        self._used: dict[str, tuple[Flowbook, str]] = {}

    @property
    def files(self) -> list[Path]:
        """Where flowbooks were looked for."""
        return list(self._read)

    @property
    def used(self) -> Collection[tuple[Flowbook, str]]:
        """Each revision that some line uses, with its text."""
        return self._used.values()

    @property
    def usual(self) -> int:
        """The first line that has the company's own flowbook; the first of all when none has."""
        lines = self._file.described.lines
        return next((number for number, line in enumerate(lines) if not line.flowbook), 0)

    def of(self, number: int) -> Flowbook:
        """The flowbook of this line, in the revision that it wants. Raises CompanyErrors and FlowbookErrors."""
        line = self._file.described.lines[number]
        try:
            book, text = self._at(self._path(line.flowbook))
        except OSError as error:
            raise CompanyErrors(
                [self._file.of_line(number, "flowbook", f"{error.strerror}: {line.flowbook}")]
            ) from None
        if line.revision and not book.revision.startswith(line.revision):
            book, text = self._earlier(number, book)
        return self._used.setdefault(book.revision, (book, text))[0]

    def _earlier(self, number: int, now: Flowbook) -> tuple[Flowbook, str]:
        line = self._file.described.lines[number]
        text = self._revisions.find(now.id, line.revision) if self._revisions else None
        if text is None:
            kept = ", ".join(self._revisions.known(now.id)[:8]) if self._revisions else ""
            why = f"{now.file} is revision {now.revision}, and no revision {line.revision} was kept; there are: "
            raise CompanyErrors([self._file.of_line(number, "revision", why + (kept or "none"))])
        return self._parsed(text, f"{now.file}@{line.revision}", self._path(line.flowbook)), text

    def _path(self, name: str) -> Path:
        if self._instead and not name:
            return self._instead
        return self._folder / (name or self._file.described.flowbook)

    def _at(self, path: Path) -> tuple[Flowbook, str]:
        if path not in self._read:
            text = text_of(path)
            self._read[path] = self._parsed(text, path.name, path), text
        return self._read[path]

    def _parsed(self, text: str, name: str, path: Path) -> Flowbook:
        mine = [line for line in self._file.described.lines if self._path(line.flowbook) == path]
        begins = [line.hours.closed for line in mine if line.hours and line.hours.closed]
        return read_flowbook(text, name, ssml.fault, lambda turns: _turns_fault(mine, turns), begins)


def _wrong(file: CompanyFile, number: int, book: Flowbook) -> list[str]:
    line = file.described.lines[number]
    wrong = []
    if line.voice_engine not in known_synthesizers():
        there = ", ".join(known_synthesizers())
        why = f"there is no voice_engine {line.voice_engine!r}; there are {there}"
        wrong.append(file.of_line(number, "voice_engine", why))
    if line.language not in book.codes:
        why = f"speaks {line.language!r}, which {book.file} has no texts for; add it to its languages"
        wrong.append(file.of_line(number, "language", why))
    if line.hours and line.hours.closed and line.hours.closed not in book.flows:
        why = f"hours: {book.file} has no flow {line.hours.closed!r}; flows: {', '.join(book.flows)}"
        wrong.append(file.of_line(number, "hours", why))
    return wrong


def _hours(file: CompanyFile, line: LineSection) -> Hours | None:
    if line.hours is None:
        return None
    return Hours(file.described.calendars[line.hours.calendar], line.hours.closed, line.hours.forward)


def _music(file: CompanyFile, folder: Path) -> Music:
    if not file.described.music:
        return Music.built_in()
    try:
        return Music.load(folder / file.described.music)
    except MusicUnreadable as error:
        raise CompanyErrors([file.fault(str(error), "music")]) from None


def _voice_name(folder: Path, name: str) -> str:
    """The name of a voice; one that is a file lies in the company's folder, unless its path says otherwise."""
    return str(folder / Path(name).expanduser()) if name.endswith(".onnx") else name


def _turns_fault(lines: list[LineSection], turns: TurnSettings) -> str:
    """Every line may come to every step, so a step's settings must go with each line's own."""
    for line in lines:
        try:
            endpointing_with(line.endpointing(), turns)
        except ValueError as error:
            return f"on line {line.id!r}: {error}"
    return ""
