import wave
from pathlib import Path

import numpy as np
import pytest

from centralino.calling.sound import BadClip, Clip, frame_bytes, load_clip, speech_spans


def write_wav(path: Path, pcm: bytes, rate_hz: int, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(pcm)
    return path


def test_a_clip_knows_where_its_speech_ends(tone):
    clip = tone(500, lead_ms=100, tail_ms=300)
    assert clip.spans == [(100.0, 600.0)]
    assert clip.last_voiced_ms == 600.0
    assert clip.duration_ms == 900.0


def test_speech_in_a_quiet_clip_is_found_by_its_own_level(tone):
    loud = np.frombuffer(tone(500, lead_ms=100, tail_ms=300).pcm, dtype="<i2")
    quiet = Clip("quiet", (loud // 200).astype("<i2").tobytes(), 16000)
    assert speech_spans(quiet.pcm, 16000) == []
    assert quiet.spans == [(100.0, 600.0)]


def test_a_silent_clip_has_no_speech():
    clip = Clip("silence", bytes(32000), 16000)
    assert clip.spans == []
    assert clip.last_voiced_ms is None


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_frames_are_20_ms_and_the_last_is_filled_up(tone, rate_hz):
    clip = tone(50, rate_hz=rate_hz)
    frames = clip.frames()
    assert [len(frame) for frame in frames] == [frame_bytes(rate_hz)] * 3
    assert b"".join(frames).startswith(clip.pcm)
    assert frames[2].endswith(bytes(frame_bytes(rate_hz) // 2))


def test_a_wideband_clip_keeps_its_speech_on_a_narrow_line(tone):
    narrow = tone(500, lead_ms=100, tail_ms=300).at(8000)
    assert narrow.rate_hz == 8000
    assert narrow.duration_ms == pytest.approx(900, abs=1)
    assert narrow.last_voiced_ms == pytest.approx(600, abs=10)


def test_a_wav_file_is_loaded(tmp_path, tone):
    clip = load_clip(write_wav(tmp_path / "ciao.wav", tone(100).pcm, 16000), text="ciao")
    assert (clip.name, clip.rate_hz, clip.text) == ("ciao", 16000, "ciao")
    assert clip.pcm == tone(100).pcm


@pytest.mark.parametrize(
    ("rate_hz", "channels", "width", "says"),
    [
        (16000, 2, 2, "2 channel"),
        (16000, 1, 1, "8 bits"),
        (4000, 1, 2, "4000 Hz"),
    ],
)
def test_a_file_a_caller_cannot_play_says_why_and_what_to_do(tmp_path, rate_hz, channels, width, says):
    path = write_wav(tmp_path / "odd.wav", bytes(1600), rate_hz, channels, width)
    with pytest.raises(BadClip, match=says) as caught:
        load_clip(path)
    assert "ffmpeg" in str(caught.value)


def test_missing_broken_and_empty_files_are_named(tmp_path):
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    write_wav(tmp_path / "empty.wav", b"", 16000)
    for name in ("missing.wav", "broken.wav", "empty.wav"):
        with pytest.raises(BadClip, match=name):
            load_clip(tmp_path / name)
