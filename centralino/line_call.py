"""Whether a line would work, by calling it: strangers are refused, and the greeting is understood."""

from __future__ import annotations

import re
from collections import Counter

import httpx

from centralino.calling import CallRefused, ExpectSpeech, Script, WaitForQuiet, place_call
from centralino.door_secrets import door_secrets
from centralino.line_parts import Found, Status
from centralino.settings import Settings
from dialogs.normalizing import normalise
from telephony.lines import Line
from voice.listening.workers import Recognizers
from voice.models import EngineChoice, ModelStore

CALLER = "+390510000199"
"""Test calls are from this number, so that they are found in the history."""
FIRST_SOUND_MS = 15_000
UNDERSTOOD = 0.3
"""Of the greeting that must be heard back: bad hearing left 0.56 and more of it, another text has 0.06 at most."""


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
