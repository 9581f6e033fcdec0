"""Questions that a company's articles must answer: one file a language, `questions/it.yaml`.

The form is that of `knowledge.evaluate`: inside, questions with the article that answers them; outside, questions that
none does.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from centralino.company_file import CompanyFile
from centralino.placing import move_to, written_beside
from centralino.settings import SettingsError
from knowledge.evaluate import Questions, read_questions
from knowledge.search import KnowledgeBase

FOLDER = "questions"


def add_question(company: Path, language: str, question: str, article: str) -> Path:
    """Unless it is there already. Raises SettingsError when the file cannot be read or written."""
    path = company / FOLDER / f"{language}.yaml"
    yaml = YAML(typ="rt")
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        data = yaml.load(path.read_text("utf-8")) if path.exists() else _new(company, language)
        asked = data.setdefault("inside", CommentedSeq())
        if any(entry.get("ask") == question for entry in asked):
            return path
        entry = CommentedMap({"ask": question, "article": article})
        entry.fa.set_flow_style()
        asked.append(entry)
        text = io.StringIO()
        yaml.dump(data, text)
        path.parent.mkdir(exist_ok=True)
        with written_beside(path, text.getvalue().encode()) as part:
            move_to(part, path)
    except (OSError, YAMLError, AttributeError) as error:
        raise SettingsError(f"{path}: the question was not added: {error}") from error
    return path


def _new(company: Path, language: str) -> CommentedMap:
    articles = company / CompanyFile(company / "company.toml").described.articles
    new = CommentedMap({"articles": os.path.relpath(articles, company / FOLDER), "language": language})
    new["inside"], new["outside"] = CommentedSeq(), CommentedSeq()
    new["outside"].fa.set_flow_style()
    new.yaml_set_start_comment("Questions that the articles must answer; `centralino knowledge test` asks them.")
    return new


def question_sets(company: Path) -> list[Questions]:
    """Of every language. Raises SettingsError."""
    sets = []
    for path in sorted((company / FOLDER).glob("*.yaml")):
        try:
            sets.append(read_questions(path))
        except (YAMLError, KeyError, TypeError, AttributeError) as error:
            raise SettingsError(f"{path}: no set of questions: {error}") from error
    return sets


def unanswered(base: KnowledgeBase, questions: Questions) -> list[tuple[str, str, str]]:
    """(question, article that should answer, what the search makes of it) of those whose article is not offered."""
    wrong = []
    for question, gold in questions.inside:
        found = base.search(question, questions.language)
        offered = [] if found.band == "reject" else [hit.article for hit in found.candidates]
        if not set(offered[: 1 if found.band == "answer" else 3]) & set(gold):
            wrong.append((question, "/".join(gold), f"{found.band}: {', '.join(offered) or 'nothing'}"))
    for question in questions.outside:
        found = base.search(question, questions.language)
        if found.band == "answer":
            wrong.append((question, "nothing", f"answer: {found.candidates[0].article}"))
    return wrong
