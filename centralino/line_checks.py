"""Whether a line would work: every part that a call on it needs, one after the other, and then a call."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import httpx

from centralino.calling import CallRefused, ExpectSpeech, Script, WaitForQuiet, place_call
from centralino.company import Company
from centralino.door_secrets import door_secrets
from centralino.own_server import own_server, settings_beside
from centralino.settings import Settings, SettingsError
from console.accounts import Accounts
from dialogs.frame import CALL_BACK
from dialogs.normalizing import normalise
from dialogs.steps.handoff import HandoffStep
from dialogs.walking import every_step
from telephony.lines import Line
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelMissing, ModelStore, choose_engine
from voice.speaking.engines import load_synthesizers
from voice.speaking.prompts import Speaker
from voice.speaking.synthesizer import SynthesisFailed

CALLER = "+390510000199"
"""Test calls are from this number, so that they are found in the history."""
FIRST_SOUND_MS = 15_000
UNDERSTOOD = 0.3
"""Of the greeting that must be heard back: bad hearing left 0.56 and more of it, another text has 0.06 at most."""

Status = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Found:
    """way_out: what to do about it, '' when nothing is to be done."""

    line: str
    what: str
    status: Status
    detail: str
    way_out: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def of_settings(settings: Settings, company: Company, line: Line, now: datetime | None = None) -> Iterator[Found]:
    """What can be seen without a call: the flowbook, hours, who takes calls in its place, the address outside."""
    book = line.book
    warned = f"; the first: {book.warnings[0]}" if book.warnings else ""
    yield Found(
        line.id, "flowbook", "warn" if book.warnings else "ok",
        f"{book.id} {book.revision} ({book.file}), {len(book.warnings)} warnings{warned}",
        f"centralino flows check {settings.company}" if book.warnings else "",
    )  # fmt: skip
    yield Found(
        line.id, "articles", "ok" if company.knowledge.articles else "warn",
        f"{len(company.knowledge.articles)} articles",
        "" if company.knowledge.articles else "write some: docs/knowledge.md",
    )  # fmt: skip
    yield _hours(line, now or datetime.now(UTC))
    yield from of_transfers(settings, line)
    if not line.number:
        yield Found(line.id, "number", "warn", "it has no number: only a browser or a door's `line=` reaches it",
                    "number = \"+39…\" in company.toml")  # fmt: skip
    else:
        yield Found(line.id, "number", "ok", line.number)
    if human := line.human_number or settings.human_number:
        same = human == line.number
        yield Found(line.id, "human", "fail" if same else "ok",
                    f"{human} is this line's own number" if same else f"{human} takes calls that the server cannot",
                    "human_number must lead to people, not back here" if same else "")  # fmt: skip
    else:
        yield Found(line.id, "human", "warn", "nobody takes the calls that the server cannot: callers hear an apology",
                    "human_number in company.toml or centralino.toml")  # fmt: skip


def of_transfers(settings: Settings, line: Line) -> Iterator[Found]:
    """Whether whom the flowbook puts callers through to stands in the settings; that a door can ring them is told when
    the server starts, with its doors open."""
    known = settings.transfers.destinations
    named = {step.to for _, step in every_step(line.book.flows) if isinstance(step, HandoffStep) and step.to}
    for name in sorted(named):
        there = name in known
        yield Found(
            line.id, "transfers", "ok" if there else "fail",
            f"callers are put through to {name!r}" + ("" if there else ", which the settings do not have"),
            "" if there else f"[transfers.destinations.{name}] in centralino.toml: docs/transfers.md",
        )  # fmt: skip


def _hours(line: Line, now: datetime) -> Found:
    if line.hours is None:
        return Found(line.id, "hours", "ok", "always open")
    to = f"flow {line.hours.closed_flow}" if line.hours.closed_flow else f"forwarded to {line.hours.forward}"
    opens = line.hours.calendar.next_opening(now)
    if opens is None:
        return Found(line.id, "hours", "warn", f"never open within a year; closed: {to}", "look at its calendar")
    if line.hours.calendar.is_open(now):
        return Found(line.id, "hours", "ok", f"open now; closed: {to}")
    return Found(line.id, "hours", "ok", f"closed ({to}) until {opens:%Y-%m-%d %H:%M %Z}")


def of_model(line: Line, company: Company, store: ModelStore) -> tuple[Found, EngineChoice | None]:
    try:
        choice = choose_engine(line.language, store, company.engines[line.language])
        store.path(choice.model)
    except ModelMissing as error:
        return Found(line.id, "model", "fail", str(error), "centralino setup"), None
    return Found(line.id, "model", "ok", f"{choice.model}: {choice.why}"), choice


async def of_voice(line: Line, company: Company, settings: Settings, store: ModelStore) -> list[Found]:
    """Its engine speaks, and how many of its prompts are rendered already."""
    speaker = Speaker(settings.cache_dir / "prompts", load_synthesizers([line.voice.engine], store))
    try:
        sound = await speaker.speak(line.book.texts[line.book.disclosure][line.language], line.voice)
        mine = [text for text, voice in company.prompts() if voice == line.voice]
        fixed = [text for text in mine if "{" not in text]
        cached = sum(speaker.cached(text, line.voice) for text in fixed)
    except SynthesisFailed as error:
        return [Found(line.id, "voice", "fail", str(error), "docs/speaking.md; voice_engine in company.toml")]
    finally:
        await speaker.close()
    voice = Found(
        line.id, "voice", "ok", f"{line.voice.key}: the greeting lasts {len(sound.pcm) / 2 / sound.rate_hz:.1f} s"
    )
    detail = f"{cached} of {len(fixed)} fixed prompts are rendered"
    later = "" if cached == len(fixed) else "the server renders them when it starts or reloads"
    return [voice, Found(line.id, "prompts", "ok" if not later else "warn", detail, later)]


async def of_queues(line: Line, settings: Settings, at_work: Mapping[str, int]) -> list[Found]:
    """Each queue of its flowbook has somebody with an account, and a way out when nobody is there. at_work: figures of
    the desk, empty when no server runs."""
    accounts = await Accounts.open(settings.accounts_path)
    try:
        people = [one for one in await accounts.list_accounts() if not one.disabled]
    finally:
        await accounts.close()
    found = []
    for name, queue in line.book.queues.items():
        serving = [one.name for one in people if not one.queues or name in one.queues]
        empty = (
            "callers may wait for somebody to come" if queue.join_empty else f"nobody there: {_way(queue.when_full)}"
        )
        otherwise = empty + (f"; outside {queue.calendar}: {_way(queue.when_closed)}" if queue.calendar else "")
        now = f"; {at_work['operators']} connected now" if at_work else ""
        detail = f"{len(serving)} accounts serve it{now}; {otherwise}"
        way_out = "" if serving else f"centralino accounts add NAME --queue {name}"
        found.append(Found(line.id, f"queue {name}", "ok" if serving else "warn", detail, way_out))
    return found


def _way(flow: str) -> str:
    return "a call-back is noted" if flow in ("", CALL_BACK) else f"flow {flow}"


def of_door(settings: Settings, line: Line, door: str) -> Iterator[Found]:
    """The address outside and what the door's far end signs with."""
    if door not in ("browser", "sip", "audiosocket", "ari", "asterisk"):
        https = settings.public_url.startswith("https://")
        detail = f"phone systems reach this server at {settings.public_url}" if https else (
            f"public_url is {settings.public_url or 'not set'}: a carrier needs https://"
        )  # fmt: skip
        yield Found(line.id, "public address", "ok" if https else "warn", detail,
                    "" if https else "CENTRALINO_PUBLIC_URL=https://…")  # fmt: skip
    if door == "twilio":
        real = settings.twilio_auth_token is not None
        yield Found(line.id, "credentials", "ok" if real else "warn",
                    "twilio_auth_token is set" if real else "twilio_auth_token is not set: Twilio itself is refused",
                    "" if real else "CENTRALINO_TWILIO_AUTH_TOKEN=…")  # fmt: skip
    elif door != "browser":
        there = getattr(settings.doors, door, None) is not None
        detail = f"[doors.{door}] {'is' if there else 'is not'} set"
        yield Found(line.id, "credentials", "ok" if there else "fail", detail,
                    "" if there else f"docs/{door}.md")  # fmt: skip


async def of_call(settings: Settings, line: Line, door: str, choice: EngineChoice | None) -> list[Found]:
    """Unsigned webhooks are refused; a call through the door is answered, and its greeting is understood."""
    found = []
    if door in ("twilio", "telnyx", "plivo", "signalwire"):
        async with httpx.AsyncClient(base_url=settings.own_url, trust_env=False, timeout=15) as client:
            status = (await client.post(f"/{door}/voice", data={"To": line.number, "From": CALLER})).status_code
        shut = status in (400, 401, 403)
        detail = f"an unsigned webhook is answered with {status}"
        found.append(Found(line.id, "signature", "ok" if shut else "fail", detail,
                           "" if shut else "nothing but 403 may come; look at the server's log"))  # fmt: skip
    recognizers = Recognizers(ModelStore(settings.cache_dir), workers=1) if choice else None
    try:
        if recognizers and choice:
            await recognizers.start([choice])
        result = await place_call(
            settings.own_url, door=door, line=line.number or line.id, caller=CALLER,
            script=Script((ExpectSpeech(FIRST_SOUND_MS), WaitForQuiet(1200))), public_url=settings.public_url,
            secrets=door_secrets(settings, door),
            recognizer=await recognizers.open(line.language) if recognizers else None,
        )  # fmt: skip
    except (CallRefused, OSError, TimeoutError) as error:
        return [*found, Found(line.id, "call", "fail", f"{door}: {error}", "the server's log says why")]
    finally:
        if recognizers:
            await recognizers.close()
    if result.protocol_errors or result.outcome not in ("completed", "ended_early"):
        why = "; ".join((result.outcome_why, *result.protocol_errors))
        return [*found, Found(line.id, "call", "fail", f"{door}: {result.outcome}: {why}", "the server's log says why")]
    seconds = result.duration_ms / 1000
    found.append(Found(line.id, "call", "ok", f"{door}: answered and spoken to for {seconds:.0f} s"))
    if recognizers:
        found.append(_understood(line, " ".join(heard.text for heard in result.heard)))
    return found


def _understood(line: Line, heard: str) -> Found:
    share = share_heard(line.book.texts[line.book.disclosure][line.language], heard)
    status: Status = "ok" if share >= UNDERSTOOD else "fail"
    return Found(line.id, "heard back", status, f"{share:.0%} of the greeting: {heard[:80]!r}",
                 "" if status == "ok" else "listen to it: centralino call --save call.wav")  # fmt: skip


def share_heard(said: str, heard: str) -> float:
    """How much of what was said is in what was heard, 0..1: by rows of three letters, because a recognizer on a phone
    line writes "Rimene di aportici" for "Libreria Portici" and parts words where it likes."""
    wanted, found = _threes(said), _threes(heard)
    return (wanted & found).total() / max(1, wanted.total())


def _threes(text: str) -> Counter[str]:
    letters = normalise(re.sub(r"<[^>]*>", " ", text)).replace(" ", "")
    return Counter(letters[at : at + 3] for at in range(len(letters) - 2))


def usual_door(settings: Settings) -> str:
    """The first door with a section in the settings that a caller of ours can play; Twilio's when there is none."""
    from centralino.calling.place import DOORS

    sections = (name for name in type(settings.doors).model_fields if getattr(settings.doors, name))
    return next((name for name in sections if name in DOORS and name not in ("ari", "asterisk")), "twilio")


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[Settings, Mapping[str, int]]]:
    """The server that runs by these settings, else one of our own for as long as it takes; with its desk's figures.

    Raises SettingsError when none can be had.
    """
    try:
        async with httpx.AsyncClient(base_url=settings.own_url, trust_env=False, timeout=5) as client:
            health = (await client.get("/health")).json()
    except (httpx.HTTPError, ValueError):
        with tempfile.TemporaryDirectory(prefix="centralino-check-") as folder:
            own = settings_beside(settings, Path(folder))
            async with own_server(own, Path(folder) / "server.log"):
                yield own, {}
    else:
        yield settings, health.get("desk", {})


async def check_line(
    settings: Settings, company: Company, line: Line, door: str, hear: bool = True, call: bool = True
) -> list[Found]:
    """Everything, in the order in which it is needed. hear: a recognizer writes down the greeting."""
    store = ModelStore(settings.cache_dir)
    found = [*of_settings(settings, company, line)]
    model, choice = of_model(line, company, store)
    found += [model, *await of_voice(line, company, settings, store), *of_door(settings, line, door)]
    if not call or any(one.status == "fail" for one in found):
        return [*found, *await of_queues(line, settings, {})]
    try:
        async with running(settings) as (at, desk):
            found += await of_call(at, line, door, choice if hear else None)
            found += await of_queues(line, settings, desk)
    except SettingsError as error:
        found.append(Found(line.id, "call", "fail", str(error), "centralino run says the same, with its log"))
    return found


def check_line_now(settings: Settings, company: Company, line: Line, door: str, hear: bool, call: bool) -> list[Found]:
    return asyncio.run(check_line(settings, company, line, door, hear, call))
