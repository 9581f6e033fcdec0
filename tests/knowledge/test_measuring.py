"""Measuring: every format is read, no sentence is learned from and reported, noise is as much as was asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.measuring.intent_figures import measure, threshold
from knowledge.measuring.question_figures import Answered, measure_questions, read_question_set
from knowledge.measuring.sentences import DataUnreadable, read_sentences
from knowledge.measuring.splits import fitting, splits
from knowledge.measuring.word_errors import WordErrors

TOPICS = {
    "pay": ["pagare il conto", "posso pagare con la carta", "pago in contanti", "vorrei pagare adesso"],
    "book": ["prenotare un tavolo", "vorrei prenotare per due", "una prenotazione per stasera", "prenoto per domani"],
    "hours": ["a che ora aprite", "siete aperti domenica", "quando chiudete stasera", "orario di apertura"],
}


def test_json_csv_and_conll_hold_the_same(tmp_path: Path) -> None:
    pairs = [(text, intent) for intent, said in TOPICS.items() for text in said]
    half = len(pairs) // 2
    (tmp_path / "a.json").write_text(
        json.dumps({"train": pairs[::2], "val": pairs[1::2], "oos_val": [["che tempo fa", "oos"]]})
    )
    (tmp_path / "it.b.csv").write_text("text,category\n" + "".join(f'"{text}",{intent}\n' for text, intent in pairs))
    blocks = "\n\n".join(
        f"# id = 1\n# text-en = x\n# text = {text}\n# intent = {intent}\n1\t{text}\tO" for text, intent in pairs
    )
    (tmp_path / "it.c.conll").write_text(blocks + "\n")
    first, second, third = (read_sentences(tmp_path / name) for name in ("a.json", "it.b.csv", "it.c.conll"))
    assert (len(first.parts["train"]), len(first.parts["val"]), first.outside["val"]) == (half, half, ("che tempo fa",))
    assert second.parts == third.parts
    assert (first.language, second.language, third.intents) == ("en", "it", 3)
    assert (fitting(first), fitting(third)) == ("train-val", "halves")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ('{"train": [["a"]]}', r"train\[0\] is neither"),
        ('{"train": [', "data: "),
        ("one;two\n1;2\n", "names no columns"),
        ("# id = 1\n1\tx\n", "no block has both"),
        ('{"oos_val": [["a", "oos"]]}', "no sentence with an intent"),
    ],
)
def test_what_is_no_data_is_told(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "data").write_text(content)
    with pytest.raises(DataUnreadable, match=says.replace("data: ", "data:1: ")):
        read_sentences(tmp_path / "data")


@pytest.mark.parametrize("protocol", ["train-val", "shots", "halves"])
def test_nothing_that_is_reported_was_learned_from(tmp_path: Path, protocol: str) -> None:
    def numbered(of: range) -> list[list[str]]:
        return [[f"{intent} {number}", intent] for intent in TOPICS for number in of]

    data = {
        "train": numbered(range(30)),
        "val": numbered(range(30, 40)),
        "oos_val": [[f"x {n}", "oos"] for n in range(6)],
    }
    (tmp_path / "d.json").write_text(json.dumps(data))
    read = read_sentences(tmp_path / "d.json")
    for split in splits(read, protocol, shots=5):  # type: ignore[arg-type]
        texts = [{one.text for one in part} for part in (split.learn, split.test, split.choose)]
        assert sum(map(len, texts)) == len(set.union(*texts))
        assert not set(split.test_outside) & set(split.choose_outside)
        assert split.test


def test_word_errors_are_as_many_as_asked_for_and_real_words() -> None:
    said = [f"{a} {b} per favore" for a in TOPICS["pay"] + TOPICS["book"] for b in TOPICS["hours"] + TOPICS["pay"]]
    noise = WordErrors(0.3, said)
    heard = [noise.heard(text) for text in said]
    assert abs(noise.errors / noise.words - 0.3) < 0.06
    assert heard == [WordErrors(0.3, said).heard(text) for text in said]
    known = {word for text in said for word in text.split()} | {"eh", "ah", "mm"}
    assert {word for text in heard for word in text.split()} <= known


def test_figures_of_a_small_set(tmp_path: Path) -> None:
    pairs = [
        [f"{opening} {text}", intent]
        for intent, said in TOPICS.items()
        for text in said
        for opening in ("ecco", "dica")
    ]
    outside = [["quanto è alta la torre", "oos"], ["mi canti una canzone", "oos"], ["ho perso le chiavi", "oos"]]
    (tmp_path / "it.json").write_text(json.dumps({"train": pairs[::2], "val": pairs[1::2], "oos_val": outside}))
    figures = measure(read_sentences(tmp_path / "it.json", "it"), None)
    model, alone = figures.rows
    assert (model.way, alone.way) == ("model", "words and letters alone")
    assert (figures.tested, figures.outside, figures.learned) == (12, 3, 12)
    assert model.right > 0.9
    assert model.auroc is not None


def test_a_threshold_makes_most_come_out_right() -> None:
    import numpy as np

    assert threshold(np.array([0.9, 0.8, 0.3]), np.array([True, True, False]), np.array([0.5, 0.2])) == 0.8


def test_questions_are_counted_by_what_became_of_them(tmp_path: Path) -> None:
    (tmp_path / "q.yaml").write_text(
        "articles: .\nlanguage: it\npart: test\ninside:\n"
        "  - {say: dialect, ask: uno, article: a}\n  - {ask: due, article: [b, c]}\n  - {ask: tre, article: a}\n"
        "  - {ask: quattro, article: a}\noutside: [cinque, sei]\n"
    )
    becomes = {
        "uno": Answered("at once", ("a",)),
        "due": Answered("offered", ("x", "c")),
        "tre": Answered("at once", ("z",)),
        "quattro": Answered("elsewhere"),
        "cinque": Answered("rejected"),
        "sei": Answered("at once", ("a",)),
    }
    one = measure_questions("q", read_question_set(tmp_path / "q.yaml"), lambda asked, unsure: becomes[asked], ())
    assert (one.right_at_once, one.right_offered, one.wrong_at_once, one.elsewhere) == (1, 1, 1, 1)
    assert (one.outside_rejected, one.outside_answered) == (1, 1)
    assert (one.helped, one.wrong_spoken) == (0.5, 2 / 6)
    assert ("dialect", 1, 1) in one.by_say
