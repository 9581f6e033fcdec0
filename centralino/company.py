"""A company's folder: `company.toml` with its lines, the flowbooks, the articles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from centralino.article_checks import refuse_unfit
from centralino.company_books import Books
from centralino.company_file import CompanyErrors, CompanyFault, CompanyFile, LineSection
from centralino.settings import SettingsError, load_settings
from dialogs.flowbook import Flowbook
from dialogs.hinting import vocabulary
from dialogs.understanding import Understanding
from knowledge.embedding import EmbedderUnavailable, choose_embedder
from knowledge.intent_store import IntentStore
from knowledge.revisions import Revisions
from knowledge.search import KnowledgeBase
from telephony.lines import Hours, Line, Lines
from telephony.music import Music, MusicUnreadable
from telephony.recording.policy import RecordingPolicy
from telephony.turn_limits import barge_in_with
from voice.listening.hints import Hints
from voice.speaking.barge_in import BargeIn
from voice.speaking.engines import known_synthesizers
from voice.speaking.synthesizer import Voice


@dataclass(frozen=True)
class Company:
    """book: the usual flowbook; books: all that lines use, with their texts; current: what the flowbooks' files say,
    which differs where a line stays on an earlier revision. files: everything it was read from."""

    name: str
    book: Flowbook
    knowledge: KnowledgeBase
    lines: Lines
    engines: Mapping[str, str | None]
    """language: the recognizer its lines insist on, None when the best there is may be taken."""
    articles: Path
    """The folder that `knowledge` was read from."""
    books: tuple[tuple[Flowbook, str], ...] = ()
    current: tuple[tuple[Flowbook, str], ...] = ()
    music: Music = field(default_factory=Music.built_in, compare=False, repr=False)
    files: tuple[Path, ...] = ()

    def numbered(self, numbers: Mapping[str, int]) -> Company:
        """The same, each line with the number of its flowbook's revision. numbers: by the flowbook's `revision`."""
        lines = (replace(line, revision_number=numbers.get(line.book.revision, 0)) for line in self.lines)
        return replace(self, lines=Lines(lines))

    def prompts(self) -> list[tuple[str, Voice]]:
        """All that may be spoken: what of it does not depend on the caller is rendered before the first call."""
        prompts = []
        for line in self.lines:
            texts = [*line.book.spoken_texts(line.language), *self.knowledge.spoken_texts(line.language)]
            prompts += [(text, line.voice) for text in texts]
        return list(dict.fromkeys(prompts))


def load_company(
    folder: Path,
    flowbook: Path | None = None,
    revisions: Revisions | None = None,
    texts: Mapping[Path, str] | None = None,
) -> Company:
    """flowbook: to be taken in place of the one that company.toml names. revisions: flowbooks as they once were.
    texts: what is to be read in place of the flowbooks' files, or of company.toml, to see what they would do. Intents
    that were trained before come from the cache folder of the settings.

    Raises SettingsError, or the flowbook's and the articles' own errors: all name the file, the line and what to do.
    """
    path = folder / "company.toml"
    file = CompanyFile(path, (texts or {}).get(path))
    described = file.described
    books = Books(folder, file, flowbook, revisions, texts or {})
    of_line = [books.of(number) for number in range(len(described.lines))]
    settings = load_settings()
    choose_embedder(settings.understanding.choice)
    try:
        knowledge = KnowledgeBase.load(folder / described.articles)
    except EmbedderUnavailable as error:
        raise SettingsError(f"[understanding]: {error}; a company is not loaded without its encoder") from None
    refuse_unfit(folder / described.articles, knowledge.articles, [book for book, _ in books.used])
    if wrong := [fault for number, book in enumerate(of_line) for fault in _wrong(file, number, book)]:
        raise CompanyErrors(wrong)
    music = _music(file, folder)
    intents = IntentStore(settings.intents_path)
    understandings = {book.revision: Understanding(book, knowledge, intents) for book, _ in books.used}
    hints: dict[tuple[str, str, tuple[str, ...]], Hints] = {}
    for line, book in zip(described.lines, of_line, strict=True):
        if (line.language, book.revision, line.words) not in hints:
            known = vocabulary(book, knowledge, line.language)
            expected = Hints(line.language, (*known.phrases, *line.words), known.texts)
            hints[line.language, book.revision, line.words] = expected
    lines = Lines(
        Line(
            id=line.id,
            title=line.title,
            number=line.number,
            language=line.language,
            voice=Voice(line.voice_engine, line.language, voice_name(folder, line.voice)),
            book=book,
            understanding=understandings[book.revision],
            endpointing=line.endpointing(),
            barge_in=barge_in_with(BargeIn(), line.turns.settings),
            hints=hints[line.language, book.revision, line.words],
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
        described.name, of_line[books.usual], knowledge, lines, engines, articles, tuple(books.used),
        tuple(books.current), music, files,
    )  # fmt: skip


def _wrong(file: CompanyFile, number: int, book: Flowbook) -> list[CompanyFault]:
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


def voice_name(folder: Path, name: str) -> str:
    """The name of a voice; one that is a file lies in the company's folder, unless its path says otherwise."""
    return str(folder / Path(name).expanduser()) if name.endswith(".onnx") else name
