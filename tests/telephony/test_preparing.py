"""What the words so far are worth to the sample company's dialog, and what is prepared for them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import samples
from centralino.company import load_company
from dialogs import engine
from dialogs.events import CallerSaid, CallStarted, LookedUp, Lookup
from dialogs.state import State
from telephony.lines import Line
from telephony.preparing import Preparing
from voice.listening.expecting import Completeness
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture(scope="module")
def line() -> Line:
    return load_company(Path(samples.__file__).parent / "bookshop").lines.get("libreria")


@pytest.fixture
def speaker(tmp_path: Path) -> Speaker:
    return Speaker(tmp_path, {"pyttsx3": Pyttsx3Synthesizer()})


@pytest.fixture
def preparing(line: Line, speaker: Speaker) -> Preparing:
    return Preparing(line, speaker, lambda language: line.voice, lambda: 1_000, 8_000)


def answered(line: Line) -> State:
    return engine.step(line.book, engine.start(line.book, "it"), CallStarted(0, "libreria", "it", "+39051"))[0]


async def after(line: Line, *said: str) -> State:
    """The dialog after these turns."""
    state = answered(line)
    for text in said:
        state, actions = engine.step(line.book, state, CallerSaid(0, text))
        while lookups := [action for action in actions if isinstance(action, Lookup)]:
            state, actions = engine.step(line.book, state, line.understanding.lookup(lookups[0], 0))
    return state


ORDER = "Vorrei sapere dov'è il mio ordine."


@pytest.mark.parametrize(
    ("before", "text", "worth"),
    [
        ((), "Vorrei sapere", Completeness.UNFINISHED),
        ((), "Vorrei sapere quali sono gli orari", Completeness.SURE),
        ((), "Posso cambiare il libro che ho preso", Completeness.ANSWERABLE),
        ((), "Che tempo farà domani a Parigi?", Completeness.OPEN),
        ((), "operatore", Completeness.WHOLE),
        ((ORDER,), "Quattro sette uno", Completeness.UNFINISHED),
        ((ORDER,), "4 7 1 2 9 0", Completeness.WHOLE),
        ((ORDER,), "Il mio numero è", Completeness.UNFINISHED),
        ((ORDER,), "Non lo so", Completeness.OPEN),
        ((ORDER, "471290"), "Sì, certo.", Completeness.WHOLE),
        ((ORDER, "471290"), "No.", Completeness.WHOLE),
        ((ORDER, "471290"), "Mah", Completeness.OPEN),
    ],
)
async def test_what_words_are_worth(
    line: Line, preparing: Preparing, speaker: Speaker, before: tuple[str, ...], text: str, worth: Completeness
) -> None:
    assert await preparing.consider(await after(line, *before), text) is worth
    await speaker.close()


async def test_what_was_searched_for_is_there_once_and_for_these_words_only(
    line: Line, preparing: Preparing, speaker: Speaker
) -> None:
    state = answered(line)
    await preparing.consider(state, "Quanto costa la spedizione")
    _, actions = engine.step(line.book, state, CallerSaid(0, "Quanto costa la spedizione"))
    (lookup,) = [action for action in actions if isinstance(action, Lookup)]
    found = preparing.take(lookup)
    assert found is not None
    assert (found.text, found.at_ms) == ("Quanto costa la spedizione", 1_000)
    assert found == line.understanding.lookup(lookup, 1_000)
    assert preparing.take(lookup) is None
    await preparing.consider(state, "Quanto costa la spedizione")
    await preparing.consider(state, "Quanto costa la spedizione a Parigi?")
    assert preparing.take(lookup) is None
    await speaker.close()


async def test_what_was_searched_for_with_doubts_is_there_for_the_same_doubts_only(
    line: Line, preparing: Preparing, speaker: Speaker
) -> None:
    state, text, unsure = answered(line), "Quanto costa la spedizione stazione", (("stazione", 0.3),)
    await preparing.consider(state, text)
    await preparing.consider(state, text, unsure)
    looked = []
    for said in (CallerSaid(0, text), CallerSaid(0, text, 0.8, unsure)):
        looked += [action for action in engine.step(line.book, state, said)[1] if isinstance(action, Lookup)]
    assert [lookup.unsure for lookup in looked] == [(), unsure]
    assert preparing.take(looked[0]) is None, "the words are the same, their doubts are not"
    assert preparing.take(looked[1]) == line.understanding.lookup(looked[1], 1_000)
    await speaker.close()


async def test_the_sound_of_the_answer_is_made_ahead(line: Line, preparing: Preparing, speaker: Speaker) -> None:
    state = await after(line, ORDER)
    readback = "Ordine quattro sette uno, due nove zero: è giusto?"
    assert not speaker.cached(readback, line.voice)
    await preparing.consider(state, "471290")
    assert preparing._speaking is not None
    await preparing._speaking
    assert speaker.cached(readback, line.voice)
    await speaker.close()


async def test_words_that_stay_the_same_are_searched_for_while_the_voice_goes_on(
    line: Line, preparing: Preparing, speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[str] = []
    find = line.understanding.lookup

    def noted(lookup: Lookup, at_ms: int) -> LookedUp:
        searches.append(lookup.text)
        return find(lookup, at_ms)

    monkeypatch.setattr(line.understanding, "lookup", noted)
    monkeypatch.setattr("telephony.preparing.STABLE_S", 0.01)
    state = answered(line)
    for words in ("quanto", "quanto costa", "quanto costa la spedizione"):
        preparing.overhear(state, words)  # one straight after the other: only the last ones stay
    await asyncio.sleep(0.05)
    assert await preparing.consider(state, "quanto costa la spedizione") is Completeness.SURE
    assert searches == ["quanto costa la spedizione"]
    (lookup,) = [a for a in engine.step(line.book, state, CallerSaid(0, searches[0]))[1] if isinstance(a, Lookup)]
    preparing.overhear(state, "quanto costa la spedizione a Parigi")
    assert preparing.take(lookup) is None, "the words have changed: what was found is thrown away"
    preparing.forget()
    await asyncio.sleep(0.05)
    assert len(searches) == 1, "and nothing is searched for any more"
    await speaker.close()


async def test_a_search_ahead_that_failed_is_done_again(
    line: Line, preparing: Preparing, speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(lookup: Lookup, at_ms: int) -> LookedUp:
        raise RuntimeError("no index")

    monkeypatch.setattr("telephony.preparing.STABLE_S", 0.0)
    state = answered(line)
    with monkeypatch.context() as failing:
        failing.setattr(line.understanding, "lookup", broken)
        preparing.overhear(state, "quanto costa la spedizione")
        await asyncio.sleep(0.05)
        with pytest.raises(RuntimeError):
            await preparing.consider(state, "quanto costa la spedizione")
    assert await preparing.consider(state, "quanto costa la spedizione") is Completeness.SURE
    await speaker.close()


async def test_coughs_mean_nothing_and_wishes_do(line: Line, preparing: Preparing) -> None:
    state = answered(line)
    assert not await preparing.means_something(state, "E")
    assert not await preparing.means_something(state, "Mhm")
    assert await preparing.means_something(state, "Operatore")
    assert await preparing.means_something(state, "Orari")
