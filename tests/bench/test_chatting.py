"""The bench's callers, without sockets or time."""

from __future__ import annotations

import numpy as np
import pytest

from centralino.bench.caller_speech import PAUSE_MS, cut, sampled, utterances
from centralino.bench.chatting import SPEAKING_SHARE, Chat
from centralino.calling import BadClip, Clip
from centralino.calling.playout import Playout
from centralino.calling.scene import Scene
from centralino.calling.script import HangUpNow, Sent

RATE_HZ = 8000
FRAME_MS = 20


def tone(ms: int) -> bytes:
    return (np.sin(np.arange(ms * RATE_HZ // 1000) * 0.8) * 8000).astype("<i2").tobytes()


def talk(chat: Chat, answer_ms: int = 2500, latency_ms: int = 300) -> tuple[list[Sent], Scene]:
    """A call with a bot that greets, and answers `latency_ms` after each word of the caller's."""
    scene = Scene(Playout(RATE_HZ), RATE_HZ)
    scene.playout.sound(0.0, tone(answer_ms))
    sent: list[Sent] = []
    answered = 0
    for frame in chat.sends(scene):
        sent.append(frame)
        scene.now_ms += FRAME_MS
        doing = scene.doings[-1] if scene.doings else None
        silent = frame == b"" or isinstance(frame, HangUpNow)
        if doing and silent and len(scene.doings) > answered and scene.now_ms - scene.since_ms >= latency_ms:
            answered = len(scene.doings)
            scene.playout.clear(scene.now_ms)
            scene.playout.sound(scene.now_ms, tone(answer_ms))
    return sent, scene


def test_a_caller_speaks_three_eighths_of_the_time_and_hangs_up() -> None:
    clips = [Clip("a", tone(3000), RATE_HZ), Clip("b", tone(2400), RATE_HZ)]
    sent, scene = talk(Chat(clips, seed=3, until_ms=180_000, most_turns=100))
    assert isinstance(sent[-1], HangUpNow)
    assert sum(isinstance(frame, bytes) and frame != b"" for frame in sent) / len(sent) == pytest.approx(
        SPEAKING_SHARE, abs=0.06
    )
    kinds = {doing.kind for doing in scene.doings}
    assert kinds == {"said", "interrupted"}


def test_the_seed_decides_what_is_said() -> None:
    clips = [Clip(name, tone(1500), RATE_HZ) for name in "abcdef"]

    def said(seed: int) -> list[str]:
        return [doing.what for doing in talk(Chat(clips, seed, 60_000, 100))[1].doings]

    assert said(1) == said(1) != said(2)


def test_a_call_has_no_more_turns_than_the_company_answers() -> None:
    _, scene = talk(Chat([Clip("a", tone(800), RATE_HZ)], 1, until_ms=600_000, most_turns=7))
    assert len(scene.doings) == 7


def test_recordings_are_cut_at_their_pauses() -> None:
    silence = bytes(2 * RATE_HZ * PAUSE_MS // 1000)
    clip = Clip("x", silence + tone(1000) + silence + tone(1500) + silence + tone(300) + silence, RATE_HZ)
    pieces = cut(clip)
    assert [round(piece.duration_ms, -1) for piece in pieces] == [1160, 1660]
    assert utterances([(0.0, 900.0), (1000.0, 1800.0)]) == [(0.0, 1800.0)]
    assert utterances([(0.0, 9000.0)]) == []


def test_a_language_without_sample_callers_is_told() -> None:
    assert {clip.name.split("_")[0] for clip in sampled("ko")} == {"ko"}
    with pytest.raises(BadClip, match="--speech DIR"):
        sampled("xx")
