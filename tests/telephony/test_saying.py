"""An operator has the bot say an article into the talk: real sockets, real voice, what really arrives at both ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from numpy.typing import NDArray

from dialogs.understanding import Understanding
from knowledge import KnowledgeBase
from knowledge.articles import Article
from tests.telephony.conftest import Console, Engines, Exchange, Phone, served
from tests.telephony.test_operator_socket import loud, talking, tone
from voice.speaking.synthesizer import Voice

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPEN_FROM = "Siamo aperti dalle nove."
LONG = "Il pacco parte domani mattina. Arriva in due giorni a casa. Chi non è in casa lo ritira in negozio dopo pranzo."
SOME_WORDS = 48_000
"""Bytes: 1.5 s; nobody else makes a sound meanwhile."""


def article(name: str, spoken: Mapping[str, str], **more: Any) -> Article:
    asked = dict.fromkeys(spoken, (f"domanda su {name}",))
    return Article(id=name, title=dict.fromkeys(spoken, name), phrasings=asked, spoken=dict(spoken), **more)


ARTICLES = (
    article("orari", {"it": OPEN_FROM, "en": "We open at nine."}),
    article("spedizione", {"it": LONG}),
    article("reclami", {"it": "Ci dispiace."}, sensitive=True),
    article("condizioni", {"it": "Vale quanto segue. " * 40}),
    article("orario", {"fr": "Nous ouvrons à neuf heures."}),
)
VERSIONS = {one.id: one.version for one in ARTICLES}


@pytest_asyncio.fixture(loop_scope="session")
async def exchange(engines: Engines, tmp_path: Path) -> AsyncIterator[Exchange]:
    knowledge = KnowledgeBase({one.id: one for one in ARTICLES}, None)
    line = replace(engines.line, understanding=Understanding(engines.line.book, knowledge))
    async with served(replace(engines, line=line), tmp_path) as exchange:
        yield exchange


def states(console: Console) -> list[str]:
    return [f"{frame['state']} {frame.get('why', '')}".strip() for frame in console.of("saying")]


async def until_over(console: Console, times: int = 1) -> None:
    await console.until(lambda console: sum(state.startswith("over") for state in states(console)) == times)


async def asked(console: Console, name: str, **more: str) -> None:
    await console.send(type="say", article=name, **more)


async def until_it_sounds(phone: Phone, console: Console) -> None:
    """Long enough for some words."""
    await console.until(lambda console: states(console)[-1:] == ["speaking"])
    await phone.until(lambda phone: len(phone.sound) > SOME_WORDS)


def samples(pcm: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2").astype(np.float64)


def likeness(heard: bytes, said: bytes) -> float:
    """How well the best 200 ms of what was said are in what was heard, 1 = the very same sound."""
    long, whole = samples(heard), samples(said)
    size = 1 << int(np.ceil(np.log2(long.size + 3_200)))
    energy = np.cumsum(np.concatenate(([0.0], long**2)))
    around = np.maximum(energy[3_200:] - energy[:-3_200], 1.0)
    best = 0.0
    for at in range(0, whole.size - 3_200, 3_200):
        part = whole[at : at + 3_200]
        match = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(part, size)), size)[: around.size]
        best = max(best, float(np.max(match / np.sqrt(around * max(np.sum(part**2), 1.0)))))
    return best


def share_of_3_khz(pcm: bytes) -> float:
    power = np.abs(np.fft.rfft(samples(pcm))) ** 2
    hz = np.fft.rfftfreq(samples(pcm).size, 1 / 16_000)
    return float(power[np.abs(hz - 3_000) < 50].sum() / power.sum())


async def turns_of(exchange: Exchange, call_id: str, name: str) -> list[dict[str, Any]]:
    events = [dict(event.payload) for event in await exchange.events(call_id) if event.type == "transcript"]
    return [turn for turn in events if turn.get("article") == name]


async def test_both_hear_the_bot_alone_and_it_is_the_bots_turn(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    said = (await exchange.speaker.speak(OPEN_FROM, Voice("pyttsx3", "it"))).pcm
    phone.sound = console.sound = b""
    await asked(console, "orari", version=VERSIONS["orari"])
    await console.until(lambda console: "speaking" in states(console))
    while not states(console)[-1].startswith("over"):
        await console.ws.send(tone(20, 3000))  # which rests
        await asyncio.sleep(0.02)
    assert states(console) == ["preparing", "speaking", "over said"]
    assert likeness(phone.sound, said) > 0.98
    assert likeness(console.sound, said) > 0.98
    assert share_of_3_khz(phone.sound) < 0.05
    (shown,) = [frame for frame in console.of("transcript") if frame["text"] == OPEN_FROM]
    assert (shown["speaker"], shown["is_final"]) == ("bot", True)
    phone.sound = b""
    for _ in range(10):
        await console.ws.send(tone(100))
    await phone.until(lambda phone: loud(phone.sound))  # the operator is heard again
    await asked(console, "orari", language="en")
    await until_over(console, 2)
    await console.send(type="hangup")
    await exchange.ended(id=phone.call_id)
    turns = await turns_of(exchange, phone.call_id, "orari")
    assert [turn["text"] for turn in turns] == [OPEN_FROM, "We open at nine."]
    wanted = {"speaker": "bot", "article": "orari", "article_version": VERSIONS["orari"], "asked_by": "anna"}
    assert turns[0].items() >= wanted.items()


async def test_the_operator_stops_it_and_speaks(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    phone.sound = b""
    await asked(console, "spedizione")
    await until_it_sounds(phone, console)
    await asked(console, "orari")
    await console.until(lambda console: console.of("say_failed"))
    assert console.of("say_failed")[0]["reason"] == "already_saying"
    await console.send(type="stop_saying")
    await until_over(console)
    assert states(console)[-1] == "over stopped"
    (turn,) = await turns_of(exchange, phone.call_id, "spedizione")
    assert turn["interrupted"]
    assert LONG.startswith(turn["text"])
    assert turn["text"] != LONG
    await console.send(type="stop_saying")  # nothing is said: nothing happens
    phone.sound = b""
    for _ in range(10):
        await console.ws.send(tone(100))
    await phone.until(lambda phone: loud(phone.sound))
    await phone.send(type="stop")
    await exchange.ended(id=phone.call_id)


async def test_hold_breaks_it_off_and_a_caller_on_hold_is_told_nothing(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    phone.sound = b""
    await asked(console, "spedizione")
    await until_it_sounds(phone, console)
    again = await exchange.console("anna", "aiuto")  # the page was loaded again
    assert [frame["article"] for frame in again.of("saying")] == ["spedizione"]
    await again.send(type="hold", held=True)
    await until_over(again)
    assert states(again)[-1] == "over broken_off"
    await asked(again, "orari")
    await again.until(lambda console: console.of("say_failed"))
    (refused,) = again.of("say_failed")
    assert (refused["article"], refused["reason"]) == ("orari", "on_hold")
    assert "on hold" in refused["message"]
    await again.send(type="hold", held=False)
    await again.until(lambda console: len(console.of("held")) == 2)
    await asked(again, "orari")
    await until_over(again, 2)
    assert states(again)[-1] == "over said"
    await phone.send(type="stop")
    await exchange.ended(id=phone.call_id)


async def test_what_cannot_be_said_is_told_with_the_reason(exchange: Exchange) -> None:
    idle = await exchange.console("bruno", "altro")
    await asked(idle, "orari")
    await idle.until(lambda console: console.of("say_failed"))
    assert idle.of("say_failed")[0]["reason"] == "not_talking"
    phone, console = await talking(exchange)
    wanted = {
        "nessuno": ({}, "unknown_article"), "spedizione": ({"language": "en"}, "unknown_article"),
        "orari": ({"version": "0123456789"}, "other_version"), "reclami": ({}, "sensitive"),
        "condizioni": ({}, "too_long"), "orario": ({"language": "fr"}, "no_voice"),
    }  # fmt: skip
    for name, (more, _) in wanted.items():
        await asked(console, name, **more)
    await console.until(lambda console: len(console.of("say_failed")) == len(wanted))
    assert {one["article"]: one["reason"] for one in console.of("say_failed")} == {
        name: reason for name, (_, reason) in wanted.items()
    }
    assert console.of("saying") == []
    await phone.send(type="stop")
    await exchange.ended(id=phone.call_id)


async def test_a_caller_who_hangs_up_has_heard_what_they_heard(exchange: Exchange) -> None:
    phone, console = await talking(exchange)
    phone.sound = b""
    await asked(console, "spedizione")
    await until_it_sounds(phone, console)
    await phone.send(type="stop")
    await exchange.ended(id=phone.call_id)
    (turn,) = await turns_of(exchange, phone.call_id, "spedizione")
    assert turn["interrupted"]
    kinds = [event.type for event in await exchange.events(phone.call_id)]
    assert kinds[-1] == "call.ended"
