"""Two intents that may both have been meant, or an intent beside articles: the caller is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from dialogs import Flowbook
from dialogs.deciding import decide
from dialogs.events import LookedUp
from dialogs.loading import read_flowbook
from dialogs.problems import FlowbookErrors
from tests.dialogs.conversation import Conversation, article

TITLES = {"order": "un ordine", "survey": "un sondaggio"}


def _found(*intents: tuple[str, float], band: str = "reject", **articles: float) -> LookedUp:
    return LookedUp(0, "x", band, tuple(article(name, score) for name, score in articles.items()), intents)


@pytest.mark.parametrize(
    ("found", "asked"),
    [
        (_found(("order", 0.5), ("survey", 0.4)), ["order", "survey"]),
        (_found(("order", 0.35), ("survey", 0.3)), ["order", "survey"]),
        (_found(("order", 0.65), ("survey", 0.3)), None),  # sure enough
        (_found(("order", 0.5), ("survey", 0.1)), None),  # no rival
        (_found(("order", 0.2), ("survey", 0.2)), []),  # both hardly likely
        (_found(("order", 0.4), ("survey", 0.3), band="choose", hours=0.5), ["hours", "order"]),
        (_found(("order", 0.5), ("survey", 0.4), band="answer", hours=0.9), None),
    ],
)
def test_what_is_asked_about(found: LookedUp, asked: list[str] | None) -> None:
    meant = decide(found, (), TITLES)
    if asked is None:
        assert meant.intent or meant.article
    else:
        assert [one.intent or one.article for one in meant.choices] == asked


def test_an_intent_without_a_title_is_never_asked_about() -> None:
    assert decide(_found(("order", 0.5), ("survey", 0.4)), (), {"order": "un ordine"}).intent == "order"
    assert decide(_found(("order", 0.35), ("survey", 0.3)), (), {}).choices == ()


@pytest.fixture(scope="module")
def shop_text() -> str:
    return Path(__file__).with_name("shop.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def titled(shop_text: str) -> Flowbook:
    more = "intent_titles: {order: {it: un ordine}, survey: {it: un sondaggio}}\n"
    return read_flowbook(more + shop_text, "shop.yaml")


@pytest.mark.parametrize("choose", ["un ordine", "la prima", "1"])
def test_the_caller_chooses_by_name_by_number_or_by_key(titled: Flowbook, choose: str) -> None:
    call = Conversation(titled)
    call.says("quella cosa")
    assert call.finds("reject", intents=(("order", 0.5), ("survey", 0.4))) == ["did_you_mean"]
    assert call.texts == ["Intende un ordine o un sondaggio?"]
    assert (call.types if choose.isdigit() else call.says)(choose)[-1] == "ask_number"


def test_other_words_for_one_of_them_are_taken_without_asking_twice(titled: Flowbook) -> None:
    call = Conversation(titled)
    call.says("quella cosa")
    call.finds("reject", intents=(("order", 0.5), ("survey", 0.4)))
    call.says("quella del pacco")
    assert call.finds("reject", intents=(("order", 0.5), ("survey", 0.4)))[-1] == "ask_number"


def test_neither_is_a_no_match(titled: Flowbook) -> None:
    call = Conversation(titled)
    call.says("quella cosa")
    call.finds("reject", intents=(("order", 0.5), ("survey", 0.4)))
    assert call.says("nessuna delle due")[0] == "pardon"
    assert call.state.mode == ""


def test_titles_of_nothing_and_in_no_language_are_errors(shop_text: str) -> None:
    for wrong in ("nobody: {it: x}", "order: {fr: x}", "order: {it: ' '}"):
        with pytest.raises(FlowbookErrors):
            read_flowbook(f"intent_titles: {{{wrong}}}\n" + shop_text, "shop.yaml")
