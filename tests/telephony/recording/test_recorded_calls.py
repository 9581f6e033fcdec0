"""Calls over real sockets that are recorded: from the notice on, with pauses, never a sensitive number."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
import soundfile

from dialogs.loading import read_flowbook
from dialogs.rendering import MASK
from dialogs.spoken_numbers import spell_digits
from history import InteractionDetail, StoredEvent
from telephony.recording.policy import RecordingPolicy
from tests.shelves import shelf_in
from tests.telephony.conftest import Console, Engines, Exchange, Phone, served
from voice.audio import level_db, resample

pytestmark = pytest.mark.asyncio(loop_scope="session")

RATE = 16_000
CARD = "41729385"
SPOKEN = "46172839"
BOOK = """
flowbook: 1
id: recorded
languages: {default: it}
start: welcome
disclosure: disclosure
queues:
  aiuto: {max_wait: 60s}
repair:
  no_input: [{say: again}, {say: again, handoff: aiuto}]
  no_match: [{say: again}, {say: again}, {say: again}, {say: again, handoff: aiuto}]
  call_budget: 20
always:
  operator: {handoff: aiuto, say: again}
flows:
  welcome:
    - record: on
    - fill:
        tasto: {type: digits, length: 1}
      timeout: 600s
    - if: tasto == "9"
      then:
        - record: off
          keep: false
        - goto: last
    - if: tasto == "0"
      then: [{handoff: aiuto}]
    - fill:
        carta: {type: digits, length: 8, sensitive: true, confirm: readback}
      timeout: 600s
    - fill:
        altra: {type: digits, length: 8, sensitive: true, confirm: implicit}
      timeout: 600s
    - goto: last
  last:
    - fill:
        fine: {type: digits, length: 1}
      timeout: 600s
    - say: bye
    - end: answered
texts:
  disclosure: {it: Automatico.}
  recording_notice: {it: La chiamata è registrata.}
  ask_tasto: {it: Un tasto?}
  ask_carta: {it: La carta?}
  confirm_carta: {it: "La carta {carta:digits}. Giusto?"}
  ask_altra: {it: E l'altra?}
  confirm_altra: {it: "Bene, {altra:digits}."}
  ask_fine: {it: Altro?}
  again: {it: Scusi.}
  bye: {it: Ciao.}
  hearing_lost: {it: Ripeta.}
  failure: {it: Un guasto.}
  nobody_available: {it: La richiamiamo.}
  queue_place: {it: "Numero {place}."}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def exchange(engines: Engines, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Exchange]:
    line = replace(engines.line, book=read_flowbook(BOOK), recording=RecordingPolicy(True, kept_days=30))
    folder = tmp_path_factory.mktemp("recorded")
    async with served(replace(engines, line=line), folder) as exchange:
        yield exchange


def data(exchange: Exchange) -> Path:
    return exchange.journal.path.parent


async def seen(exchange: Exchange, call_id: str, wanted: str, at_least: int = 1) -> list[StoredEvent]:
    """The call's events, once there are so many of that kind (a type, or the key of a text that was played)."""
    for _ in range(400):
        events = await exchange.events(call_id)
        played = [event.payload.get("key") for event in events if event.type == "transcript"]
        if [event.type for event in events].count(wanted) + played.count(wanted) >= at_least:
            return events
        await asyncio.sleep(0.05)
    raise AssertionError(f"no {wanted} in {[event.type for event in events]}")


async def listening(exchange: Exchange, call_id: str, slot: str) -> None:
    """Until the question after `ask_<slot>` was played."""
    await seen(exchange, call_id, f"ask_{slot}")


def call_id_of(phone: Phone) -> str:
    return str(phone.of("ready")[0]["call_id"])


async def type_keys(phone: Phone, keys: str) -> None:
    for key in keys:
        await phone.send(type="dtmf", digit=key)


async def speak(phone: Phone, pcm: bytes) -> None:
    for start in range(0, len(pcm), RATE // 25):
        await phone.ws.send(pcm[start : start + RATE // 25])
        await asyncio.sleep(0.02)


def stretches(track: np.ndarray, rate_hz: int) -> list[float]:
    """The level of each tenth of a second, in dB."""
    size = rate_hz // 10
    return [level_db(track[start : start + size].tobytes()) for start in range(0, len(track) - size, size)]


def level_between(track: np.ndarray, rate_hz: int, from_ms: int, to_ms: int) -> float:
    """The loudest tenth of a second."""
    levels = stretches(track, rate_hz)[max(0, from_ms // 100) : to_ms // 100]
    return max(levels, default=-100.0)


def forms(number: str) -> Iterator[str]:
    """How a number may be written."""
    yield number
    yield " ".join(number)
    yield "-".join(number)
    yield spell_digits(number, "it")
    yield spell_digits(number, "it").replace(",", "")
    for size in (2, 4):
        yield " ".join(number[start : start + size] for start in range(0, len(number), size))


async def test_a_call_is_recorded_after_the_notice_and_a_sensitive_number_is_nowhere(
    exchange: Exchange, engines: Engines
) -> None:
    phone = await exchange.browser()
    await phone.until(lambda phone: phone.of("ready"))
    call_id = call_id_of(phone)
    await listening(exchange, call_id, "tasto")
    hum = (6000 * np.sin(2 * np.pi * 440 * np.arange(RATE // 2) / RATE)).astype(np.int16).tobytes()
    await speak(phone, hum)  # no speech, but sound: it must be in the recording
    await type_keys(phone, "1")
    await listening(exchange, call_id, "carta")
    await type_keys(phone, CARD)
    await seen(exchange, call_id, "confirm_carta")
    await type_keys(phone, "1")
    await listening(exchange, call_id, "altra")
    said = await engines.speaker.speak(spell_digits(SPOKEN, "it") + ".", engines.line.voice)
    await speak(phone, resample(said.pcm, said.rate_hz, RATE))
    await speak(phone, bytes(2 * RATE * 2))
    events = await exchange.events(call_id)
    if not any(event.payload.get("key") == "ask_fine" for event in events):
        await type_keys(phone, f"*{SPOKEN}")  # the recognizer may have missed a digit
    await listening(exchange, call_id, "fine")
    await speak(phone, bytes(2 * RATE * 2))
    await speak(phone, hum)
    await type_keys(phone, "2")
    detail = await exchange.ended(id=call_id)
    await phone.until_closed()

    events = await exchange.events(call_id)
    (started,) = [event for event in events if event.type == "recording.started"]
    played = [event for event in events if event.type == "transcript"]
    (notice,) = [event for event in played if event.payload.get("key") == "recording_notice"]
    assert started.payload["notice"]["key"] == "recording_notice"
    assert started.payload["notice"]["ended_ms"] == notice.payload["end_ms"] <= started.at_ms
    assert notice.seq < started.seq
    recording = check_file(exchange, detail)

    sound, rate_hz = soundfile.read(io.BytesIO(recording), dtype="int16")
    caller, bot = sound[:, 0].copy(), sound[:, 1].copy()
    began = started.at_ms
    turns = {turn.key: turn for turn in detail.transcript if turn.key}
    asked, last = turns["ask_carta"].start_ms - began, turns["ask_fine"].end_ms - began
    assert level_between(caller, rate_hz, 0, asked) > -30  # the hum
    assert level_between(bot, rate_hz, 0, asked) > -40  # "Un tasto?"
    for spoken in ("confirm_carta", "confirm_altra"):
        assert level_between(bot, rate_hz, turns[spoken].start_ms - began, turns[spoken].end_ms - began) < -60
    confided = turns["confirm_altra"].end_ms - began
    assert level_between(caller, rate_hz, asked + 200, confided) < -60
    assert level_between(caller, rate_hz, last, len(caller) * 1000 // rate_hz) > -30  # the hum again

    assert [turn.text for turn in detail.transcript if turn.key == "confirm_carta"] == ["La carta • • •. Giusto?"]
    assert MASK in [turn.text for turn in detail.transcript if turn.speaker == "caller"]
    shown = json.dumps(phone.got, ensure_ascii=False)
    logged = json.dumps([dict(line) for line in exchange.logged], ensure_ascii=False, default=str)
    for number in (CARD, SPOKEN):
        for form in forms(number):
            assert form not in shown
            assert form not in logged
            for file in data(exchange).rglob("*"):
                assert file.is_dir() or form.encode() not in file.read_bytes(), f"{form} in {file}"


def check_file(exchange: Exchange, detail: InteractionDetail) -> bytes:
    """The call's one recording is there, whole, as the history says, and plain nowhere on the disk."""
    (media,) = detail.media
    with shelf_in(data(exchange)).open(media.file) as sealed:
        content = sealed.read()
    assert media.key_id
    files = [path for path in (data(exchange) / "recordings").rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".sealed"}
    assert not [path for path in files if b"OggS" in path.read_bytes() or content[:64] in path.read_bytes()]
    assert (media.bytes, media.sha512) == (len(content), hashlib.sha512(content).hexdigest())
    assert media.media_type == "audio/ogg; codecs=opus"
    assert media.delete_after is not None
    assert (media.delete_after - detail.interaction.started_at).days in (29, 30)
    assert abs(media.started_ms + media.duration_ms - (detail.interaction.duration_ms or 0)) < 1500
    return content


async def test_who_does_not_want_it_is_not_recorded(exchange: Exchange) -> None:
    phone = await exchange.browser()
    await phone.until(lambda phone: phone.of("ready"))
    call_id = call_id_of(phone)
    await listening(exchange, call_id, "tasto")
    await type_keys(phone, "9")
    await listening(exchange, call_id, "fine")
    await type_keys(phone, "1")
    detail = await exchange.ended(id=call_id)
    types = [event.type for event in await exchange.events(call_id)]
    assert [kind for kind in types if kind.startswith("recording.")] == ["recording.started", "recording.discarded"]
    assert detail.media == ()
    assert not list((data(exchange) / "recordings").rglob(f"*{call_id}*"))


async def test_without_the_keys_a_call_goes_on_to_its_end_and_is_not_recorded(exchange: Exchange) -> None:
    master = data(exchange) / "recording_master.key"
    shelf_in(data(exchange)).keys.check()
    kept = master.rename(master.with_suffix(".away"))
    phone = await exchange.browser()
    await phone.until(lambda phone: phone.of("ready"))
    call_id = call_id_of(phone)
    await seen(exchange, call_id, "recording.discarded")
    await type_keys(phone, "9")
    await listening(exchange, call_id, "fine")
    await type_keys(phone, "1")
    detail = await exchange.ended(id=call_id)
    kept.rename(master)
    assert (detail.interaction.outcome, detail.media) == ("answered", ())
    told = [event for event in await exchange.events(call_id) if event.type == "recording.discarded"]
    assert [event.payload["reason"] for event in told] == ["no_key"]
    (log,) = [line for line in exchange.logged if line["event"] == "recording.stopped"]
    assert "recording_master.key, is missing: put it back" in log["detail"]


async def test_a_caller_who_leaves_during_the_notice_was_not_recorded(exchange: Exchange) -> None:
    phone = await exchange.browser()
    await phone.until(lambda phone: len(phone.sound) > RATE)
    await phone.ws.close()
    detail = await exchange.ended(id=call_id_of(phone))
    types = [event.type for event in await exchange.events(detail.interaction.id)]
    assert not [kind for kind in types if kind.startswith("recording.")]


async def test_an_operator_and_the_caller_are_on_two_channels_and_the_operator_pauses(exchange: Exchange) -> None:
    phone = await exchange.browser()
    await phone.until(lambda phone: phone.of("ready"))
    call_id = call_id_of(phone)
    await listening(exchange, call_id, "tasto")
    await type_keys(phone, "0")
    console: Console = await exchange.console()
    await console.accept()
    call = exchange.reception.running(call_id)
    assert call is not None
    low, high = (
        (6000 * np.sin(2 * np.pi * hz * np.arange(RATE) / RATE)).astype(np.int16).tobytes() for hz in (300, 900)
    )
    joined_ms = call.now_ms()
    await asyncio.gather(speak(phone, low), speak(console, high))  # type: ignore[arg-type]
    await console.send(type="recording", wanted="pause")
    await console.until(lambda console: console.of("recording")[-1]["state"] == "paused")
    paused_ms = call.now_ms()
    await asyncio.gather(speak(phone, low), speak(console, high))  # type: ignore[arg-type]
    await console.send(type="recording", wanted="resume")
    await console.until(lambda console: console.of("recording")[-1]["state"] == "on")
    resumed_ms = call.now_ms()
    await speak(phone, bytes(2 * RATE * 2))
    await phone.ws.close()
    detail = await exchange.ended(id=call_id)
    sound, rate_hz = soundfile.read(io.BytesIO(check_file(exchange, detail)), dtype="int16")
    began = detail.media[0].started_ms
    for side in (0, 1):
        track = sound[:, side].copy()
        assert level_between(track, rate_hz, joined_ms - began, paused_ms - began) > -30
        assert level_between(track, rate_hz, paused_ms - began + 200, resumed_ms - began) < -60
    paused = [event for event in await exchange.events(call_id) if event.type == "recording.paused"]
    assert [(event.actor, event.payload["by"]) for event in paused] == [("anna", "operator")]
