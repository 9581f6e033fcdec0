"""Articles as a table: two columns without a header as Dialogflow has them, named columns, or all of an article.

Ours has one row an article and a column for each part and language (`spoken.it`); phrasings and tags stand below each
other in their cell. A cell that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any

from knowledge.articles import Article
from knowledge.exchange.drafted import MOST_IMPORTED, Drafted, ImportRefused, content_of
from knowledge.exchange.speakable import article_from

BY_LANGUAGE = ("title", "phrasings", "spoken", "more", "link")
PLAIN = ("tags", "owner", "queue", "valid_from", "valid_until", "sensitive")
_SEVERAL = ("phrasings", "tags")
QUESTION = ("question", "questions", "domanda", "domande", "frase", "q", "질문", "prompt", "title", "titolo")
ANSWER = ("answer", "answers", "risposta", "risposte", "a", "답변", "response", "text", "testo")
DETAILS = ("more", "details", "dettagli")
TAGS = ("tags", "tag", "categoria", "category")
LINKS = ("link", "url")
_FORMULA = re.compile(r"^'*[=+\-@\t\r]")
_DELIMITERS = ",;\t|"
csv.field_size_limit(1024 * 1024)  # of the whole process; a cell may hold all phrasings of an article


def write(articles: Sequence[Article]) -> str:
    """Comma, double quotes, CRLF."""
    contents = [content_of(article) for article in articles]
    columns = ["id"]
    for name in BY_LANGUAGE:
        codes = dict.fromkeys(code for content in contents for code in content.get(name, {}))
        columns += [f"{name}.{code}" for code in codes]
    columns += PLAIN
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(columns)
    for content in contents:
        rows.writerow([_safe(_cell(content, column)) for column in columns])
    return text.getvalue()


def _cell(content: dict[str, Any], column: str) -> str:
    name, _, code = column.partition(".")
    value = content.get(name, {}).get(code, "") if code else content.get(name, "")
    if isinstance(value, bool):
        return "true" if value else ""
    return "\n".join(value) if isinstance(value, list | tuple) else str(value)


def _safe(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _read_cell(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def read(text: str, language: str) -> list[Drafted]:
    """Raises ImportRefused."""
    try:
        rows = list(_rows(text))
    except csv.Error as broken:
        raise ImportRefused(f"this is no table of comma-separated values: {broken}") from broken
    if not rows:
        raise ImportRefused("the table is empty")
    header = [_read_cell(cell).strip().lower() for _, cell in enumerate(rows[0][1])]
    if "id" in header and any(name.startswith("spoken.") for name in header):
        return [_ours(header, cells, line) for line, cells in rows[1:]]
    asked, said = _column(header, QUESTION), _column(header, ANSWER)
    if asked is not None and said is not None:
        body = rows[1:]
    elif len(header) >= 2:
        asked, said, body, header = 0, 1, rows, []
    else:
        raise ImportRefused(
            "no two columns were found; give question and answer, separated by comma, semicolon or tab, or name the "
            "columns question and answer"
        )
    drafts = []
    for line, cells in body:
        if len(cells) > max(asked, said) and cells[asked].strip() and cells[said].strip():
            drafts.append(_foreign(header, cells, asked, said, language, line))
    return drafts


def _foreign(header: list[str], cells: list[str], asked: int, said: int, language: str, line: int) -> Drafted:
    def named(names: Sequence[str]) -> str:
        at = _column(header, names)
        return _read_cell(cells[at]).strip() if at is not None and at < len(cells) else ""

    questions = [one.strip() for one in _read_cell(cells[asked]).splitlines() if one.strip()]
    answer = [part for part in re.split(r"\n\s*\n", _read_cell(cells[said])) if part.strip()]
    link = named(LINKS) if named(LINKS).lower().startswith(("http://", "https://")) else ""
    made = article_from(questions[0], answer, language, f"line {line}", link)
    content = dict(made.content)
    if len(questions) > 1:
        content["phrasings"] = {language: [one.rstrip(" ?") for one in questions]}
    if details := named(DETAILS):
        content["more"] = {language: details}
    if tags := [tag.strip() for tag in re.split(r"[,;\n]", named(TAGS)) if tag.strip()]:
        content["tags"] = tags
    return Drafted(content, made.place, made.notes)


def _ours(header: list[str], cells: list[str], line: int) -> Drafted:
    content: dict[str, Any] = {}
    for column, raw in zip(header, cells, strict=False):
        cell = _read_cell(raw)
        name, _, code = column.partition(".")
        if not cell or name not in ("id", *BY_LANGUAGE, *PLAIN):
            continue
        value: Any = cell.split("\n") if name in _SEVERAL else cell
        if name == "sensitive":
            value = cell.strip().lower() in ("true", "1", "yes", "sì", "si", "vero")
        if code:
            content.setdefault(name, {})[code] = value
        else:
            content[name] = value
    return Drafted(content, f"line {line}")


def _rows(text: str) -> Iterable[tuple[int, list[str]]]:
    """(line, cells) of every row that is not empty."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells
        if reader.line_num > 50 * MOST_IMPORTED:
            raise ImportRefused("the table has too many lines; split it")


def _delimiter(text: str) -> str:
    """The one that cuts the first rows into the same number of cells, two at least."""
    best, chosen = 0.0, ","
    for sign in _DELIMITERS:
        try:
            reader = csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=sign)
            widths = [len(cells) for cells in reader if any(cells)][:50]
        except csv.Error:
            continue
        common = max(set(widths), key=widths.count) if widths else 0
        score = widths.count(common) / len(widths) if common >= 2 else 0.0
        if score > best:
            best, chosen = score, sign
    return chosen


def _column(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)
