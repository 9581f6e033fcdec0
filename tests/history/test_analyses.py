from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from centralino.analyses_figures import measure, read_sentences
from history import Journal, Timeline
from history.analyses.next_action import RulesError, next_action, our_rules, read_rules, rules_of
from history.analyses.signals import signals
from history.analyses.stored import analyses_of
from history.deriving.worker import Deriving
from tests.history.calls import MONDAY, ended, entries, handed, said, started, told

ROME = ZoneInfo("Europe/Rome")
SENTENCES = Path(__file__).parent / "sentences"
CALLS_WITH = {"urgency": "normal", "mood": "neutral", "topic": "", "outcome": "answered", "channel": "voice",
              "handed": False, "open_callback": False, "came_back": False}  # fmt: skip


def test_what_is_told_wrongly_of_the_marked_sentences_stays_little() -> None:
    for path in sorted(SENTENCES.glob("*.txt")):
        for kind, figures in measure(read_sentences(path)).items():
            assert figures.accuracy >= 0.9, (path.name, kind, figures.wrong)


def test_negations_turn_and_intensifiers_strengthen() -> None:
    def score(text: str, language: str = "it") -> float:
        return signals([(1, text)], language).score

    assert score("sono contento") > 0 > score("non sono per niente contento")
    assert score("sono molto contento") > score("sono contento")
    assert score("nessun problema") > 0 > score("ho un problema")
    assert score("it is not bad", "en") > 0 > score("it is bad", "en")
    assert signals([(1, "non è urgente")], "it").urgency == "low"


def test_the_why_names_the_words_and_their_turn() -> None:
    found = signals([(4, "a che punto è il mio ordine"), (9, "è urgente, siete una vergogna")], "it")
    assert (found.topic, found.urgency, found.mood) == ("orders", "high", "angry")
    assert [(one.turn, one.words) for one in found.why["urgency"]] == [(9, "urgente")]
    assert found.why["topic"][0].turn == 4
    assert signals([(1, "주문")], "ko") == signals([], "ko")


def test_the_first_rule_that_fits_a_company_s_own_before_ours(tmp_path: Path) -> None:
    found = next_action({**CALLS_WITH, "open_callback": True, "urgency": "high"}, our_rules())
    assert found is not None
    assert (found.rule, found.because) == ("call_back_first", {"open_callback": True, "urgency": "high"})
    assert rules_of(tmp_path) == ()
    file = tmp_path / "analyses.toml"
    file.write_text('[[rules]]\nname = "vip"\nwhen = {topic = ["orders", "returns"]}\nit = "Chiamare."\n')
    own = next_action({**CALLS_WITH, "topic": "returns"}, (*rules_of(tmp_path), *our_rules()))
    assert own is not None
    assert (own.rule, own.text["en"]) == ("vip", "Chiamare.")
    for bad, why in (('[[rules]]\nname = "x"\nwhen = {size = "2"}\nit = "y"\n', "size"), ("[[", "analyses.toml")):
        file.write_text(bad)
        with pytest.raises(RulesError, match=why):
            read_rules(file)


async def test_analyses_are_stored_with_method_version_and_why(journal: Journal, timeline: Timeline) -> None:
    said_so = [
        said("caller", "vorrei restituire il libro, la copertina è rotta"),
        said("bot", "Mi dica il numero."),
        said("caller", "la mia carta è 4111 1111 1111 1111, è urgente"),
    ]
    call = handed("desk", 5, 20)
    queued = ("handoff.queued", {"queue": "desk", "slots": {"ordine": "412345"}})
    steps = [queued if step[0] == "handoff.queued" else step for step in call if not isinstance(step, int)]
    await journal.append("call", entries(steps[0], *said_so, *steps[1:]))
    await Deriving(journal, timeline, ROME).catch_up()
    found = {one.type: one for one in await analyses_of(timeline, "call")}
    assert set(found) == {"topic", "urgency", "sentiment", "summary", "next_action"}
    assert found["topic"].body == {"topic": "returns"}
    assert found["urgency"].body == {"urgency": "high"}
    assert found["sentiment"].body["of"] == "caller"
    assert {(one.method, one.version) for one in found.values()} >= {
        ("lexicon", "1"),
        ("extractive", "1"),
        ("rules", "1"),
    }
    text = found["summary"].body["text"]
    assert "restituire" in text
    assert "ordine: 412345" in text
    assert "Passato a una persona (desk)" in text
    assert "4111" not in text
    assert found["summary"].why["turns"] == [2, 4]
    assert "rott" in str(found["sentiment"].why)


async def test_a_flow_that_was_reached_tells_the_topic(journal: Journal, timeline: Timeline) -> None:
    entered = [("flow.entered", {"flow": name}) for name in ("welcome", "order_status")]
    await journal.append("a", entries(started(), told("CallStarted"), *entered, said("caller", "sì"), ended()))
    reached = [("flow.entered", {"flow": name}) for name in ("welcome", "tavolo")]
    later = MONDAY + timedelta(hours=3)
    await journal.append("b", entries(started(caller=""), told("CallStarted"), *reached, ended(), began=later))
    await Deriving(journal, timeline, ROME).catch_up()
    topics = {key: (await analyses_of(timeline, key))[3].body["topic"] for key in "ab"}
    assert topics == {"a": "orders", "b": "tavolo"}
