"""Whether the parts that calls on a line need are there: what is found without a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

from centralino.company import Company
from centralino.settings import Settings
from console.accounts import Accounts
from dialogs.frame import CALL_BACK
from dialogs.steps.handoff import HandoffStep
from dialogs.walking import every_step
from telephony.lines import Line
from voice.models import EngineChoice, ModelMissing, ModelStore, choose_engine
from voice.speaking.engines import load_synthesizers
from voice.speaking.prompts import Speaker
from voice.speaking.synthesizer import SynthesisFailed

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
        serving = [one for one in people if not one.queues or name in one.queues]
        lacking = not any({*queue.skills} <= {*one.skills} for one in serving)
        empty = (
            "callers may wait for somebody to come" if queue.join_empty else f"nobody there: {_way(queue.when_full)}"
        )
        otherwise = empty + (f"; outside {queue.calendar}: {_way(queue.when_closed)}" if queue.calendar else "")
        now = f"; {at_work['operators']} connected now" if at_work else ""
        detail = f"{len(serving)} accounts serve it{now}; {otherwise}"
        way_out = "" if serving else f"centralino accounts add NAME --queue {name}"
        if serving and lacking:
            detail += f"; none of them has {', '.join(queue.skills)}: all are asked"
            way_out = "give it to an account on the page of users, or take `skills` off the queue"
        found.append(Found(line.id, f"queue {name}", "warn" if way_out else "ok", detail, way_out))
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
