"""The flowbook that is to be tried out, and the knowledge that it is tried with: a company's, or none."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from centralino.company import Company, load_company
from centralino.settings import load_settings
from dialogs.flowbook import Flowbook
from dialogs.loading import load_flowbook
from dialogs.understanding import Understanding
from knowledge import IntentStore, KnowledgeBase, shared_embedder
from voice.speaking import ssml


@dataclass(frozen=True)
class Rehearsed:
    """finds: its intents, and the articles of the company that it stands beside. company: None for a file alone."""

    book: Flowbook
    finds: Understanding
    company: Company | None = None


def read_rehearsed(target: Path, articles: Path | None = None) -> Rehearsed:
    """target: a flowbook's file, or a company's folder. A file beside a company.toml is tried with that company's
    articles, one alone with those of the folder `articles`, or with none.

    Raises FlowbookErrors, ArticlesUnreadable and SettingsError.
    """
    store = IntentStore(load_settings().intents_path)
    folder, file = (target, None) if target.is_dir() else (target.parent, target)
    if articles is None and (folder / "company.toml").is_file():
        company = load_company(folder, file)
        lines = (line for line in company.lines if line.book is company.book)
        finds = next((line.understanding for line in lines), None) or Understanding(
            company.book, company.knowledge, store
        )
        return Rehearsed(company.book, finds, company)
    book = load_flowbook(file or folder / "flowbook.yaml", ssml.fault)
    known = KnowledgeBase.load(articles) if articles else KnowledgeBase({}, shared_embedder())
    return Rehearsed(book, Understanding(book, known, store))
