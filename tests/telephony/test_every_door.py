"""The same scripted call through every door: the same dialog, the same history.

Greeting, question, answer, barge-in, digits, an operator, hang-up. All phone systems call at the same time, each a
house of its own with an operator. Sound, protocols, playback, voice activity and the dialog are real; the recognizer
knows the callers' clips by their length (`scripted_hearing.py`).
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import samples
from centralino.calling import (
    CallResult,
    HangUp,
    Interrupt,
    Keys,
    Say,
    Script,
    WaitFor,
    WaitForQuiet,
    load_clip,
    place,
    place_call,
)
from centralino.calling.asterisk import AsteriskDoor
from centralino.own_server import free_port
from dialogs.loading import read_flowbook
from dialogs.understanding import Understanding
from history import StoredEvent
from knowledge.search import KnowledgeBase
from telephony.doors.registry import DoorSettings, ports
from telephony.lines import Line
from telephony.sip.port import SipPort
from tests.telephony.conftest import NUMBER, TWILIO_TOKEN, Console, Engines, Exchange, served
from tests.telephony.patient_time import patient_time
from tests.telephony.scripted_hearing import recognizers_of
from voice.speaking.prompts import Speaker
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice

FLOWBOOK = """
flowbook: 1
id: every_door
languages: {default: it}
start: welcome
disclosure: disclosure
queues:
  aiuto: {max_wait: 60s}
repair:
  no_input: [{say: again}, {say: again, handoff: aiuto}]
  no_match: [{say: again}, {say: again, handoff: aiuto}]
always:
  operator: {handoff: aiuto, say: passing_on}
flows:
  welcome:
    - listen: {say: ask, kb: main, timeout: 120s}
    - listen: {say: ask_more, intents: [costs], timeout: 120s}
  costs:
    - say: five_euros
    - fill:
        tessera: {type: digits, length: 4}
      timeout: 120s
    - say: got_tessera
    - listen: {say: ask_more, kb: main, timeout: 120s}
    - end: answered
intents:
  costs: {it: [quanto costa la spedizione, i costi di spedizione, mi interessa sapere i costi di spedizione]}
texts:
  five_euros: {it: Costa cinque euro.}
  disclosure: {it: Le risponde un assistente automatico.}
  ask: {it: Che cosa desidera?}
  ask_more: {it: "Che altro posso fare per lei?"}
  ask_tessera: {it: Il numero della tessera?}
  got_tessera: {it: "Tessera {tessera:digits}."}
  again: {it: Scusi.}
  passing_on: {it: La passo a un collega.}
  hearing_lost: {it: Ripeta.}
  failure: {it: Un guasto.}
  nobody_available: {it: La richiamiamo.}
  queue_place: {it: "Numero {place}."}
  did_you_mean: {it: "Intende {options}?"}
  did_you_mean_key: {it: "{option}, tasto {key}"}
"""
BOOKSHOP = Path(samples.__file__).parent / "bookshop"
TEXTS = {one["id"]: one["text"] for one in json.loads((BOOKSHOP / "callers/manifest.json").read_text("utf-8"))}
HOURS, COSTS, OPERATOR, NO_MORE, ANNA = (
    load_clip(BOOKSHOP / f"callers/{name}.wav", TEXTS[name])
    for name in ("it_orari", "it_bargein", "it_operatore", "it_niente", "it_si")
)

CALLER = "+39021234"
SECRET = "0123456789abcdef0123456789abcdef"
PRIVATE_KEY = bytes(range(32))
PUBLIC_KEY = Ed25519PrivateKey.from_private_bytes(PRIVATE_KEY).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
ACCESS = {"username": "asterisk", "password": SECRET}
FORK = {"username": "pbx", "password": SECRET, "subprotocol": "audio.example.org", "sample_rate_hz": "8000"}
GENESYS = {"api_key": "key0123456789", "client_secret": base64.b64encode(SECRET.encode()).decode()}


@dataclass(frozen=True)
class PhoneSystem:
    """doors: sections of the server's settings; secrets: what the far end is told; tells_caller: with the number."""

    doors: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    tells_caller: bool = True


def _ari(port: int) -> PhoneSystem:
    """port: at which the far end, which is the one that listens here, takes the server's connection."""
    access = {"url": f"http://127.0.0.1:{port}/ari", "app": "centralino", "username": "ari", "password": SECRET}
    sound = {f"asterisk.{name}": value for name, value in ACCESS.items()}
    return PhoneSystem({"asterisk": ACCESS, "ari": access}, {**access, **sound})


PHONE_SYSTEMS: Mapping[str, PhoneSystem] = {
    "twilio": PhoneSystem({}, {"auth_token": TWILIO_TOKEN}),
    "telnyx": PhoneSystem(
        {"telnyx": {"public_key": base64.b64encode(PUBLIC_KEY).decode()}},
        {"private_key": base64.b64encode(PRIVATE_KEY).decode()},
    ),
    "plivo": PhoneSystem({"plivo": {"auth_token": SECRET}}, {"auth_token": SECRET}),
    "signalwire": PhoneSystem({"signalwire": {"signing_key": SECRET}}, {"signing_key": SECRET}),
    "vonage": PhoneSystem({"vonage": {"signature_secret": SECRET}}, {"signature_secret": SECRET}),
    "asterisk": PhoneSystem({"asterisk": ACCESS}, ACCESS),
    "asterisk-plain": PhoneSystem({"asterisk": ACCESS}, ACCESS, tells_caller=False),
    "audiosocket": PhoneSystem({"audiosocket": {**ACCESS, "port": 0}}, {**ACCESS, "host": "127.0.0.1"}),
    "ari": _ari(port=1),
    "jambonz": PhoneSystem({"jambonz": {"webhook_secret": SECRET}}, {"webhook_secret": SECRET}),
    "genesys": PhoneSystem({"genesys": GENESYS}, GENESYS),
    "freeswitch": PhoneSystem({"freeswitch": {**FORK, "sample_rate_hz": 8000}}, FORK),
    "sip": PhoneSystem(
        {"sip": {"port": 0, "trusted": ["127.0.0.0/8"], "first_rtp_port": 22_000, "last_rtp_port": 22_999}}
    ),
    "browser": PhoneSystem(),
}


@dataclass(frozen=True)
class Turn:
    speaker: str
    text: str
    about: str = ""
    interrupted: bool = False


@dataclass(frozen=True)
class Story:
    """A call's history without ids, times and the phone system's own words. What happens at the same time comes in any
    order: what the dialog took and did, what was said, and what happened around it are three threads."""

    dialog: list[Any]
    turns: list[Turn]
    around: list[Any]


def _story(events: list[StoredEvent], tells_caller: bool) -> Story:
    told = [(event.type, _timeless(event.payload)) for event in events if event.type != "carrier.status"]
    if not tells_caller:
        told = [(kind, {**what, "caller": CALLER} if "caller" in what else what) for kind, what in told]
    spoken = [event.payload for event in events if event.type == "transcript"]
    return Story(
        dialog=[one for one in told if one[0].startswith("dialog.")],
        turns=[_turn(said) for said in sorted(spoken, key=lambda said: int(said["start_ms"]))],
        around=[one for one in told if one[0].partition(".")[0] not in ("transcript", "dialog", "flow")],
    )


def _timeless(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payload.items() if name not in ("at_ms", "clock", "door", "ref", "offer")}


def _turn(said: Mapping[str, Any]) -> Turn:
    """How far an interrupted answer came is a matter of time: its first words stand for it."""
    text, interrupted = str(said["text"]), bool(said.get("interrupted"))
    about = str(said.get("article") or said.get("key") or "")
    return Turn(str(said["speaker"]), " ".join(text.split()[:3]) if interrupted else text, about, interrupted)


@dataclass(frozen=True)
class Called:
    result: CallResult
    story: Story


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Called]:
    """All of them at once; each has its own server, so that no call waits for another's operator."""
    with asyncio.Runner() as runner, patient_time(runner.get_loop()):
        return runner.run(_calls(tmp_path_factory))


async def _calls(folders: pytest.TempPathFactory) -> dict[str, Called]:
    plain = partial(AsteriskDoor.dial, codec="ulaw", plain=True)
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(mock.patch.dict(place.DOORS, {"asterisk-plain": plain}))  # type: ignore[arg-type]
        engines = await stack.enter_async_context(_engines(folders.mktemp("prompts")))
        houses = {}
        for name, system in {**PHONE_SYSTEMS, "ari": _ari(free_port())}.items():
            doors = DoorSettings.model_validate(system.doors)
            exchange = await stack.enter_async_context(served(engines, folders.mktemp(name), doors, claim_s=30))
            opened = [await stack.enter_async_context(port) for port in ports(exchange.house, doors)]
            houses[name] = (exchange, dict(system.secrets) | _where(opened))
        done = await asyncio.gather(*(_call(name, *house) for name, house in houses.items()))
    return dict(zip(houses, done, strict=True))


@contextlib.asynccontextmanager
async def _engines(prompts: Path) -> AsyncIterator[Engines]:
    speaker = Speaker(prompts, {"pyttsx3": Pyttsx3Synthesizer()})
    book = read_flowbook(FLOWBOOK)
    articles = KnowledgeBase.load(BOOKSHOP / "articles", embedder=None)
    line = Line("it", NUMBER, "it", Voice("pyttsx3", "it"), book, Understanding(book, articles))
    await speaker.prerender([(text, line.voice) for text in book.spoken_texts("it")])
    yield Engines(recognizers_of((HOURS, COSTS, OPERATOR, NO_MORE, ANNA)), speaker, line)
    await speaker.close()


def _where(opened: list[object]) -> dict[str, str]:
    """What a far end must be told of a port of our own."""
    for port in opened:
        if isinstance(port, SipPort):
            return {"port": str(port.agent.address[1])}
        if isinstance(port, list):
            return {"port": str(port[0])}
    return {}


async def _call(door: str, exchange: Exchange, secrets: Mapping[str, str]) -> Called:
    console = await exchange.console("anna")
    operator = asyncio.create_task(_talk(console))
    script = Script(
        (
            *(WaitForQuiet(), Say(HOURS)),
            *(Interrupt(COSTS, after_ms=1500), WaitForQuiet()),
            *(Keys("4712"), WaitForQuiet()),
            *(Say(OPERATOR), WaitFor(operator.done, "the operator has spoken", timeout_ms=60_000), WaitForQuiet()),
            *(Say(NO_MORE), WaitFor(lambda: _reads(console, NO_MORE.text), "the operator reads it"), HangUp()),
        )
    )
    try:
        result = await place_call(exchange.url, door=door, line=NUMBER, script=script, secrets=secrets, caller=CALLER)
    finally:
        operator.cancel()
    detail = await exchange.ended(line="it")
    return Called(result, _story(await exchange.events(detail.interaction.id), PHONE_SYSTEMS[door].tells_caller))


async def _talk(console: Console) -> None:
    """Take the call when its caller has heard their place, and say something."""
    await console.send(type="available")
    await console.until(lambda console: console.of("offer") and _reads(console, "Numero 1."), within_s=120)
    await console.accept()
    for frame in ANNA.at(16000).frames():
        await console.ws.send(frame)
        await asyncio.sleep(0.02)


def _reads(console: Console, text: str) -> bool:
    return any(one["text"] == text and one["is_final"] for one in console.of("transcript"))


def test_the_call_that_is_placed_through_every_door(calls: dict[str, Called]) -> None:
    story = calls["twilio"].story
    assert story.turns == [
        Turn("bot", "Le risponde un assistente automatico.", "disclosure"),
        Turn("bot", "Che cosa desidera?", "ask"),
        Turn("caller", HOURS.text),
        Turn("bot", "Siamo aperti dal", "opening-hours", interrupted=True),
        Turn("caller", COSTS.text),
        Turn("bot", "Costa cinque euro.", "five_euros"),
        Turn("bot", "Il numero della tessera?", "ask_tessera"),
        Turn("bot", "Tessera quattro sette uno, due.", "got_tessera"),
        Turn("bot", "Che altro posso fare per lei?", "ask_more"),
        Turn("caller", OPERATOR.text),
        Turn("bot", "La passo a un collega.", "passing_on"),
        Turn("bot", "Numero 1.", "queue_place"),
        Turn("operator", ANNA.text),
        Turn("caller", NO_MORE.text),
    ]
    assert [what["key"] for _, what in story.dialog if what.get("kind") == "CallerTyped"] == list("4712")
    assert [kind for kind, _ in story.around] == [
        "call.started", "handoff.queued", "offer.made", "offer.accepted", "operator.joined", "operator.left",
        "call.ended",
    ]  # fmt: skip
    assert story.around[1][1] == {"queue": "aiuto", "reason": "asked", "skills": [], "slots": {"tessera": "4712"}}
    assert story.around[-1][1] == {"reason": "caller_hung_up", "outcome": "handed_off"}


@pytest.mark.parametrize("door", PHONE_SYSTEMS)
def test_the_same_dialog_and_the_same_history(calls: dict[str, Called], door: str) -> None:
    result, story = calls[door].result, calls[door].story
    assert result.protocol_errors == ()
    assert (result.outcome, result.hung_up_by) == ("completed", "caller"), result.outcome_why
    assert story.turns == calls["twilio"].story.turns
    assert story.dialog == calls["twilio"].story.dialog
    assert story.around == calls["twilio"].story.around


@pytest.mark.parametrize("door", PHONE_SYSTEMS)
def test_it_is_heard_without_gaps_and_falls_silent_for_who_interrupts(calls: dict[str, Called], door: str) -> None:
    result = calls[door].result
    (interruption,) = (turn for turn in result.turns if turn.kind == "interrupted")
    assert interruption.barge_in_ms is not None
    assert result.stutters == 0
