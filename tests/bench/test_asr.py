"""What `centralino bench asr` counts and what it refuses."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from centralino.bench.asr import Clip, endless, letter_errors, read
from centralino.calling import BadClip


def write(folder: Path, name: str, rate_hz: int = 16_000) -> None:
    with wave.open(str(folder / name), "wb") as file:
        file.setparams((1, 2, rate_hz, 0, "NONE", ""))
        file.writeframes(bytes(3_200))


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("Quando apre?", "quando apre", 0),
        ("데이터, 모델", "데이터모델", 0),
        ("abcd", "abd", 1 / 4),
        ("abcd", "axcd", 1 / 4),
        ("abcd", "abcdef", 2 / 4),
        ("abcd", "", 1),
    ],
)
def test_errors_are_counted_in_letters(said: str, heard: str, errors: float) -> None:
    assert letter_errors(said, heard) == errors


def test_streams_are_as_long_as_asked_and_begin_at_different_words() -> None:
    speech = bytes(number * number % 251 for number in range(50_000))
    streams = endless([Clip("a.wav", speech, "x")], 4, 5.0)
    assert [len(stream) for stream in streams] == [160_000] * 4
    assert len({stream[:100] for stream in streams}) == 4


def test_the_clips_of_a_folder(tmp_path: Path) -> None:
    write(tmp_path, "one.wav")
    (tmp_path / "transcripts.tsv").write_text("one.wav\tuno due\n\n", encoding="utf-8")
    assert read(tmp_path) == [Clip("one.wav", bytes(3_200), "uno due")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("one.wav uno", "line 1: not 'NAME.wav"),
        ("one.wav\t...", "line 1: not 'NAME.wav"),
        ("two.wav\tdue", r"two\.wav \(line 1 of"),
        ("slow.wav\tdue", "not 16 kHz mono PCM16"),
        ("", "names no file"),
    ],
)
def test_a_folder_that_is_wrong_is_told_by_file_and_line(tmp_path: Path, line: str, told: str) -> None:
    write(tmp_path, "one.wav")
    write(tmp_path, "slow.wav", 8_000)
    (tmp_path / "transcripts.tsv").write_text(line, encoding="utf-8")
    with pytest.raises(BadClip, match=told):
        read(tmp_path)


def test_a_folder_without_transcripts(tmp_path: Path) -> None:
    with pytest.raises(BadClip, match=r"transcripts\.tsv is missing; it has a line for each file"):
        read(tmp_path)
