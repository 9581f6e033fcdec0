"""Callers ask in vain, an admin says yes, and the next caller is answered; engine, search and history are real."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from centralino.article_publishing import ArticlePublishing
from centralino.cli import app
from centralino.question_sets import question_sets, unanswered
from centralino.review_reading import begins_with_no, read_calls
from centralino.reviewing import Reviewing
from centralino.settings import SettingsError
from console.article_shelf import Changes
from dialogs import load_flowbook
from dialogs.events import CallerSaid, LookedUp
from dialogs.understanding import Understanding
from history import Entry, Journal, Timeline, new_id
from knowledge.embedding import shared_embedder
from knowledge.review.calls import Call
from knowledge.revisions import Revisions
from telephony.record import step_entries
from tests.dialogs.conversation import Conversation

BOOKSHOP = Path(__file__).parents[2] / "samples" / "bookshop"
OPERATOR = "Sì, il corso di ceramica si tiene ogni martedì alle diciotto. Costa venti euro."


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A part of the sample company: searches over all of it are tried elsewhere."""
    shutil.copytree(BOOKSHOP, tmp_path / "shop", ignore=shutil.ignore_patterns("callers", "campaigns"))
    for file in (tmp_path / "shop" / "articles").glob("*.yaml"):
        if file.name not in ("shipping.yaml", "visiting.yaml"):
            file.unlink()
    return tmp_path / "shop"


@pytest.fixture
def publishing(company: Path, tmp_path: Path) -> ArticlePublishing:
    return ArticlePublishing(company, Revisions(tmp_path / "revisions.db"))


class Phone:
    """Calls that are written down as telephony does."""

    def __init__(self, company: Path, reviewing: Reviewing, history: Path) -> None:
        self._book = load_flowbook(company / "flowbook.yaml")
        self._understanding = Understanding(self._book, reviewing.base())
        self._history = history
        self.began = datetime.now(UTC) - timedelta(hours=20)

    async def call(self, *said: str, caller: str, operator: str = "") -> list[str]:
        """The keys and articles of everything the bot said."""
        conversation = Conversation(self._book, caller=caller)
        for text in said:
            conversation.event(CallerSaid(1, text))
            if conversation.state.phase == "looking":
                conversation.event(self._understanding.lookup(conversation.lookup, 1))
        conversation.hangs_up("operator_ended" if operator else "caller_hung_up")
        self.began += timedelta(hours=1)
        await self._write(conversation, caller, operator)
        return [
            getattr(one, "article", "") or one.key
            for _, done in conversation.log
            for one in done
            if hasattr(one, "key")
        ]

    async def _write(self, conversation: Conversation, caller: str, operator: str) -> None:
        entries = [
            Entry("call.started", {"line": "libreria", "language": "it", "caller": caller}, 0, occurred_at=self.began)
        ]
        for number, (event, actions) in enumerate(conversation.log):
            for entry in step_entries(event, actions, False):
                at = self.began + timedelta(seconds=number)
                entries.append(Entry(entry.type, entry.payload, number * 1000, entry.actor, occurred_at=at))
        end_ms = len(conversation.log) * 1000 + 60_000
        if operator:
            turn = {"speaker": "operator", "text": operator, "start_ms": end_ms - 30_000, "end_ms": end_ms - 20_000}
            entries.append(Entry("transcript", turn, end_ms - 30_000, "operator"))
            last = entries.pop(-2)  # what the dialog learns of the end comes after it
            entries.append(last)
        entries.append(Entry("call.ended", {"reason": "caller_hung_up"}, end_ms))
        journal = await Journal.open(self._history, node="test")
        try:
            await journal.append(new_id(), entries)
        finally:
            await journal.close()


async def calls_in(history: Path) -> list[Call]:
    timeline = Timeline(history)
    try:
        return await read_calls(timeline, datetime.now(UTC) - timedelta(days=2))
    finally:
        await timeline.close()


@pytest.mark.timeout(900)  # ten searches are built, each a second of a free core
async def test_what_was_asked_in_vain_is_answered_after_a_yes(
    company: Path, publishing: ArticlePublishing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = tmp_path / "history.db"
    reviewing = Reviewing(publishing, shared_embedder())
    phone = Phone(company, reviewing, history)
    told = await phone.call("fate corsi di ceramica", "un operatore", caller="+39051000001", operator=OPERATOR)
    assert "not_understood" in told
    await phone.call("tenete corsi di ceramica la sera", caller="+39051000002")
    await phone.call("a che ora aprite", "un operatore", caller="+39051000003")
    await phone.call("quanto costa la spedizione", caller="+39051000004")
    await phone.call("quali sono le spese di spedizione", caller="+39051000004")

    calls = await calls_in(history)
    found = {kind: one for one in reviewing.open_matters(calls) for kind in one.kinds}
    assert found.keys() == {"rejected", "handed_over", "repeated"}
    pottery = found["rejected"]
    assert pottery.calls == 2
    base = reviewing.base()
    made = reviewing.suggestion(pottery, base)
    assert (made.kind, made.content["spoken"]) == ("article", {"it": OPERATOR})

    done = reviewing.approve(calls, pottery.id, "ada", Changes(title="i corsi di ceramica"))
    assert done.revision.number == 1
    assert done.article in publishing.served().by_id
    again = Phone(company, reviewing, history)
    assert done.article in await again.call(done.test, caller="+39051000005")
    (questions,) = question_sets(company)
    assert (questions.inside, unanswered(reviewing.base(), questions)) == (((done.test, (done.article,)),), [])

    left = reviewing.open_matters(await calls_in(history))
    assert "rejected" not in {kind for one in left for kind in one.kinds}
    with pytest.raises(SettingsError, match="no open matter"):
        reviewing.approve(calls, pottery.id, "ada")
    with pytest.raises(SettingsError, match="there is no article"):
        reviewing.suggestion(left[0], base, Changes(article="nowhere"))

    for matter in left:
        reviewing.dismiss(await calls_in(history), matter.id, "ada")
    monkeypatch.setenv("CENTRALINO_COMPANY", str(company))
    monkeypatch.setenv("CENTRALINO_DATA_DIR", str(tmp_path))
    assert json.loads(command("review", "list", "--json"))["matters"] == []
    assert "0 not as they should be" in command("test")


def command(*arguments: str) -> str:
    """In a thread of its own: a command begins its own event loop."""
    with ThreadPoolExecutor(1) as threads:
        result = threads.submit(CliRunner().invoke, app, ["knowledge", *arguments]).result()
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("said", "corrects"),
    [
        ("no, intendevo quelli usati", True),
        ("no quanto costa spedire a Parigi", True),
        ("volevo dire i libri usati", True),
        ("quanto costa", False),
        ("normalmente quanto costa", False),
    ],
)
def test_what_takes_back_an_answer(said: str, corrects: bool) -> None:
    assert begins_with_no(said, "it") is corrects


def test_a_search_event_has_what_is_read_of_it() -> None:
    assert {"text", "band", "candidates"} <= LookedUp.__dataclass_fields__.keys()
