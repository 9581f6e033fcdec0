"""What was changed in a flowbook, told in sentences."""

from __future__ import annotations

import random
from io import StringIO

import pytest
from ruamel.yaml import YAML

from dialogs.difference_words import in_words, languages
from dialogs.differences import differences

BOOK = """
id: prova
start: welcome
languages: {default: it}
queues:
  desk: {max_wait: 120s}
repair:
  no_input: [{say: not_heard}, {say: no_luck, handoff: desk}]
always: {operator: {handoff: desk, say: passing_on}}
flows:
  welcome:
    - listen: {say: hello, intents: [resi], keypad: {"1": resi, "0": operator}}
    - goto: resi
  resi:
    - say: intro
    - if: ordine == "1"
      then: [{say: uno}, {goto: welcome}]
      else: [{say: due}]
    - fill:
        ordine: {type: digits, length: 6, tries: 3}
    - handoff: desk
      with: [ordine]
intents:
  resi: {it: [vorrei rendere un libro, un reso]}
texts:
  hello: {it: Buongiorno., en: Hello.}
  intro: {it: Allora.}
tests:
  - {name: un reso, turns: [{user: un reso}]}
"""


def told(old: str, new: str, code: str = "it") -> list[str]:
    assert old in BOOK
    return in_words(differences(BOOK, BOOK.replace(old, new, 1)), code)


@pytest.mark.parametrize(
    ("old", "new", "it", "en"),
    [
        (
            "tries: 3", "tries: 2",
            "flusso 'resi', passo 3 (fill), 'ordine': ora chiede 2 volte invece di 3",
            "flow 'resi', step 3 (fill), 'ordine': asks 2 times now instead of 3",
        ),
        (
            "it: Buongiorno.", "it: Buonasera.",
            "testo 'hello' (it) cambiato da «Buongiorno.» a «Buonasera.»",
            "text 'hello' (it) changed from «Buongiorno.» to «Buonasera.»",
        ),
        (
            "un reso]", "un reso, rendo un libro, non lo voglio]",
            "intento 'resi' (it): 2 frasi aggiunte: «rendo un libro», «non lo voglio»",
            "intent 'resi' (it): 2 phrasings added: «rendo un libro», «non lo voglio»",
        ),
        (
            "ordine: {type: digits, length: 6, tries: 3}",
            "ordine: {type: digits, length: 6, tries: 3}\n        quando: {type: date}",
            "flusso 'resi', passo 3 (fill), 'quando': ora si chiede anche questo (type: date)",
            "flow 'resi', step 3 (fill), 'quando': is asked for now, too (type: date)",
        ),
        (
            "- handoff: desk\n      with: [ordine]", "- handoff: altri\n      with: [ordine]",
            "flusso 'resi', passo 4 (handoff): ora passa la chiamata alla coda 'altri' invece che a 'desk'",
            "flow 'resi', step 4 (handoff): passes the call to the queue 'altri' now instead of 'desk'",
        ),
        (
            '"1": resi', '"2": resi',
            "flusso 'welcome', passo 1 (listen), tasto 2: ora porta a 'resi'",
            "flow 'welcome', step 1 (listen), key 2: leads to 'resi' now",
        ),
        (
            "{say: uno}, {goto: welcome}", "{say: uno}, {say: tre}, {goto: welcome}",
            "flusso 'resi', passo 2, allora 2 (say): aggiunto «say: tre»",
            "flow 'resi', step 2, then 2 (say): «say: tre» added",
        ),
        (
            "{say: due}", "{say: tre}",
            "flusso 'resi', passo 2, altrimenti 1 (say): ora dice 'tre' invece di 'due'",
            "flow 'resi', step 2, else 1 (say): says 'tre' now instead of 'due'",
        ),
        (
            "{say: not_heard},", "{say: not_heard, keypad: true},",
            "quando il chiamante tace o non è capito, silenzio, gradino 1: keypad ora è sì",
            "when a caller is silent or not understood, silence, rung 1: keypad is now yes",
        ),
        (
            "start: welcome", "start: resi",
            "le chiamate ora cominciano con il flusso 'resi' invece che con 'welcome'",
            "calls begin with the flow 'resi' now instead of 'welcome'",
        ),
        (
            "max_wait: 120s", "max_wait: 1s",
            "coda 'desk': ora si aspetta al massimo 1s invece di 120s",
            "queue 'desk': callers wait 1s at most now instead of 120s",
        ),
        (
            "  resi:\n    - say: intro", "  rimborsi:\n    - say: intro",
            "flusso 'resi' ora si chiama 'rimborsi'",
            "flow 'resi' is now called 'rimborsi'",
        ),
        (
            "{name: un reso,", "{name: un altro reso,",
            "prova 'un altro reso' aggiunta",
            "test 'un altro reso' added",
        ),
        (
            "intro: {it: Allora.}", "",
            "testo 'intro' (it) tolto, era «Allora.»",
            "text 'intro' (it) removed, it was «Allora.»",
        ),
        ("id: prova", "id: prova  # nuova", "cambiano solo commenti o disposizione: le chiamate vanno come prima",
         "only comments or layout differ: calls go as before"),
        ("id: prova", "id: [", "non si può leggere: this is no YAML", "cannot be read: this is no YAML"),
    ],
)  # fmt: skip
def test_a_change_is_told_with_its_place(old: str, new: str, it: str, en: str) -> None:
    assert told(old, new)[0].startswith(it)
    assert told(old, new, "en")[0].startswith(en)


def test_a_step_that_moved_is_not_one_removed_and_one_added() -> None:
    found = told('    - say: intro\n    - if: ordine == "1"', '    - if: ordine == "1"')
    assert found == ["flusso 'resi', passo 1 (say): tolto «say: intro»"]
    moved = BOOK.replace("    - say: intro\n", "", 1).replace("    - fill:\n", "    - say: intro\n    - fill:\n", 1)
    assert in_words(differences(BOOK, moved), "en") == ["flow 'resi', step 1 (if): moved here, it was step 2"]


def test_order_and_writing_alone_are_no_difference() -> None:
    assert differences(BOOK, BOOK) == []
    (only,) = differences(BOOK, BOOK.replace("{it: Allora.}", "\n    it: Allora."))
    assert only.what == "layout"


def test_everything_can_be_told_whatever_is_taken_out() -> None:
    read = YAML(typ="safe", pure=True).load(BOOK)
    wild, yaml = random.Random(7), YAML()
    for number in range(8):
        damaged = _damaged(read, wild)
        out = StringIO()
        yaml.dump(damaged, out)
        found = differences(BOOK, out.getvalue())
        assert found or damaged == read, number
        for code in languages():
            assert all(in_words(found, code)), "a kind of difference without a sentence"


def _damaged(value: object, wild: random.Random) -> object:
    """A copy without some of its parts, and with some of another kind."""
    if wild.random() < 0.02:
        return wild.choice([None, 7, "x", [], {}, True, [[{"a": 1}]]])
    if isinstance(value, dict):
        return {key: _damaged(one, wild) for key, one in value.items() if wild.random() > 0.03}
    if isinstance(value, list):
        return [_damaged(one, wild) for one in value if wild.random() > 0.03]
    return value
