"""What an admin says to a simulated call is recognised; who may not, or sends something else, is told why."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from console.api.simulated_speech import LARGEST_BYTES, LONGEST_S, RATE_HZ, CannotHear, Words
from console.app import CLIPS_IN_A_MINUTE
from tests.console.test_simulator import BOOK, parts_of

QUIET = bytes(RATE_HZ)


def clip(pcm: bytes = QUIET, rate_hz: int = RATE_HZ, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setparams((channels, 2, rate_hz, 0, "NONE", ""))
        written.writeframes(pcm)
    return file.getvalue()


class Ears:
    """Hears what the test says, or why it cannot."""

    def __init__(self, *hears: Words | CannotHear) -> None:
        self.hears = list(hears)
        self.asked: list[tuple[int, str, str, Sequence[str]]] = []

    async def hear(self, pcm: bytes, language: str, flowbook: str, expected: Sequence[str]) -> Words:
        self.asked.append((len(pcm), language, flowbook, expected))
        heard = self.hears.pop(0) if self.hears else Words("sì", 0.5)
        if isinstance(heard, CannotHear):
            raise heard
        return heard


async def simulated(house_of: Any, tmp_path: Path, ears: Ears | None) -> tuple[Any, Any, str]:
    house = house_of(**parts_of(tmp_path), ears=ears)
    _, admin = await house.member("anna", "flow-admin")
    call = (await admin.post(f"{BOOK}/simulations", json={"state": "published"})).json()["id"]
    return house, admin, f"/api/simulated-speech/{call}"


async def test_words_come_with_their_confidence_in_the_language_and_grammar_of_the_moment(
    house_of: Any, tmp_path: Path
) -> None:
    ears = Ears(Words("quando aprite", 0.82))
    _, admin, path = await simulated(house_of, tmp_path, ears)
    answer = await admin.post(path, content=clip())
    assert (answer.status_code, answer.json()) == (200, {"text": "quando aprite", "confidence": 0.82})
    before = ears.asked[0]
    assert before[:3] == (len(QUIET), "it", "shop")
    call = path.rpartition("/")[2]
    await admin.post(f"/api/simulations/{call}/inputs", json={"turn": {"user": "dov'è il mio ordine"}})
    await admin.post(path, content=clip())
    assert ears.asked[1][3] != before[3]  # a number is asked for now


async def test_only_flow_admins_are_heard_and_only_their_own_calls(house_of: Any, tmp_path: Path) -> None:
    ears = Ears()
    house, admin, path = await simulated(house_of, tmp_path, ears)
    assert (await house.browser().post(path, content=clip())).status_code == 401
    _, operator = await house.member("olga", "operator")
    assert (await operator.post(path, content=clip())).status_code == 403
    _, other = await house.member("bruno", "flow-admin")
    assert (await other.post(path, content=clip())).json()["detail"]["code"] == "no_such_simulation"
    del admin.headers["X-CSRF-Token"]
    assert (await admin.post(path, content=clip())).json()["detail"]["code"] == "csrf"
    assert ears.asked == []


async def test_what_is_no_clip_is_refused(house_of: Any, tmp_path: Path) -> None:
    ears = Ears()
    _, admin, path = await simulated(house_of, tmp_path, ears)
    too_long = bytes(int(LONGEST_S * RATE_HZ * 2) + 2)
    for body in (b"", b"RIFF", clip()[:40], clip(rate_hz=8000), clip(channels=2), clip(too_long)):
        answer = await admin.post(path, content=body)
        assert (answer.status_code, answer.json()["detail"]["code"]) == (422, "not_a_clip"), body[:60]
    assert (await admin.post(path, content=bytes(LARGEST_BYTES + 1))).status_code == 413
    assert ears.asked == []


async def test_where_nothing_is_heard_it_says_why(house_of: Any, tmp_path: Path) -> None:
    ears = Ears(Words(""), CannotHear("no recognizer was started for 'it'"))
    house, admin, path = await simulated(house_of, tmp_path, ears)
    nothing = await admin.post(path, content=clip())
    assert (nothing.status_code, nothing.json()["detail"]["code"]) == (422, "nothing_heard")
    missing = await admin.post(path, content=clip())
    assert (missing.status_code, missing.json()["detail"]["code"]) == (503, "cannot_hear")
    answers = await asyncio.gather(*(admin.post(path, content=clip()) for _ in range(CLIPS_IN_A_MINUTE)))
    refused = [one.json()["detail"]["code"] for one in answers if one.status_code != 200]
    assert refused == ["too_many_clips"] * 2
    house.clock.pass_by(61)
    assert (await admin.post(path, content=clip())).status_code == 200


async def test_a_console_without_recognizers_says_so(house_of: Any, tmp_path: Path) -> None:
    _, admin, path = await simulated(house_of, tmp_path, None)
    answer = await admin.post(path, content=clip())
    assert (answer.status_code, answer.json()["detail"]["code"]) == (503, "cannot_hear")
