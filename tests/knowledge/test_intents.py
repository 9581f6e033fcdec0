"""The model of intents: what it names, what it leaves alone, that it is the same wherever it is trained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge import IntentModel, IntentStore, shared_embedder, trained
from knowledge.intent_store import content_key, from_bytes, to_bytes

INTENTS = {
    "order": {
        "it": ["dov'è il mio ordine", "a che punto è il mio ordine", "quando arriva il mio pacco", "stato dell'ordine",
               "ho fatto un ordine e non è arrivato", "vorrei seguire la spedizione", "avete spedito il mio ordine"],
        "en": ["where is my order", "has my order been shipped", "track my parcel", "order status"],
    },
    "person": {
        "it": ["vorrei parlare con una persona", "mi passi un operatore", "preferisco parlare con qualcuno",
               "c'è qualcuno con cui posso parlare", "mi passa un collega", "voglio un addetto"],
        "en": ["I'd like to speak to a person", "put me through to somebody", "can I talk to a human"],
    },
    "invoice": {
        "it": ["mi serve la fattura", "non ho ricevuto la fattura", "potete rimandarmi la fattura",
               "vorrei una copia della fattura", "la fattura è sbagliata", "come scarico la fattura"],
        "en": ["I need an invoice", "the invoice is wrong", "please send me the invoice again"],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> IntentModel:
    return IntentModel.train(INTENTS, shared_embedder())


@pytest.mark.parametrize(
    ("said", "language", "intent"),
    [
        ("buongiorno sì volevo sapere ehm che fine ha fatto il mio ordine", "it", "order"),
        ("il pacco che aspettavo non si vede ancora", "it", "order"),
        ("posso parlare con un essere umano per favore", "it", "person"),
        ("my parcel hasn't turned up", "en", "order"),
        ("mi rimandate la fatura", "it", "invoice"),
    ],
)
def test_what_is_wanted_ranks_first(model: IntentModel, said: str, language: str, intent: str) -> None:
    (best, score), *_ = model.rank(said, language)
    assert (best, score > 0.5) == (intent, True)


@pytest.mark.parametrize(
    "said", ["domani nevica a cortina", "quanto dura il volo per new york", "che ore sono adesso", ""]
)
def test_what_is_none_of_them_scores_low(model: IntentModel, said: str) -> None:
    assert max((score for _, score in model.rank(said, "it")), default=0.0) < 0.4


def test_scores_add_up_to_one_at_most_and_a_phrasing_word_for_word_is_sure(model: IntentModel) -> None:
    ranked = model.rank("Buongiorno, mi serve la fattura!", "it")
    assert ranked[0] == ("invoice", 0.99) or ranked[0][1] > 0.99
    assert sum(score for _, score in ranked) <= 1.001


def test_it_is_the_same_however_the_flowbook_is_ordered_and_after_its_files_are_read(model: IntentModel) -> None:
    turned = {
        name: {code: said[::-1] for code, said in reversed(list(by.items()))}
        for name, by in reversed(list(INTENTS.items()))
    }
    again = IntentModel.train(turned, shared_embedder())
    assert to_bytes(again) == to_bytes(model)
    read = from_bytes(*to_bytes(model), shared_embedder())
    for said in ("dov'è finito il pacco", "mi passi qualcuno", "che tempo fa"):
        assert read.rank(said, "it") == model.rank(said, "it")


def test_a_large_flowbook_is_trained_in_a_process_of_its_own_to_the_same_bytes(
    model: IntentModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IntentModel, "train", None)
    apart = trained(INTENTS, shared_embedder(), store=IntentStore(tmp_path), large=10)
    assert to_bytes(apart) == to_bytes(model)


def test_no_file_of_a_model_is_a_pickle(model: IntentModel) -> None:
    text, arrays = to_bytes(model)
    assert json.loads(text)["names"] == ["invoice", "order", "person"]
    assert arrays[:2] == b"PK"
    assert b"pickle" not in arrays


def test_what_was_trained_before_is_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = IntentStore(tmp_path / "intents")
    first = trained(INTENTS, None, store=store)
    monkeypatch.setattr(IntentModel, "train", None)
    assert to_bytes(trained(INTENTS, None, store=store)) == to_bytes(first)


def test_a_broken_file_is_trained_anew(tmp_path: Path) -> None:
    store = IntentStore(tmp_path)
    key = content_key(INTENTS, None, {})
    first = to_bytes(trained(INTENTS, None, store=store))
    for broken in (b"", first[1][:2000]):
        (tmp_path / f"{key}.npz").write_bytes(broken)
        assert to_bytes(trained(INTENTS, None, store=store)) == first
        assert (tmp_path / f"{key}.npz").read_bytes() == first[1]


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    model = trained(INTENTS, None, store=IntentStore(tmp_path / "file" / "intents"))
    assert model.rank("mi passi un operatore", "it")[0][0] == "person"


def test_little_or_nothing_to_learn_from() -> None:
    assert IntentModel.train({}, None).rank("buongiorno", "it") == ()
    one = IntentModel.train({"yes": {"it": ["certo che sì"]}}, None)
    assert one.rank("certo che sì", "it")[0][1] >= 0.99
    assert one.rank("quanto costa il pane", "it")[0][1] < 0.5
    with pytest.raises(ValueError, match="share the phrasing"):
        IntentModel.train({"a": {"it": ["pane e latte"]}, "b": {"it": ["Pronto, pane e latte"]}}, None)


def test_intents_that_say_the_same_are_told_when_trained() -> None:
    alike = {
        **INTENTS,
        "parcel": {
            "it": [one.replace("ordine", "pacco") for one in INTENTS["order"]["it"][:2]]
            + ["quando arriva il mio ordine", "vorrei seguire il pacco", "avete spedito il mio pacco"]
        },
    }
    told = IntentModel.train(alike, shared_embedder()).confusions
    assert {(told[0].intent, told[0].taken_for)} <= {("order", "parcel"), ("parcel", "order")}
    assert told[0].count >= 2
    assert told[0].examples
