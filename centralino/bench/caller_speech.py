"""What the bench's callers say: recorded speech cut at its pauses, or the sample callers' clips."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from centralino.calling import BadClip, Clip, load_clip
from centralino.calling.sound import Span
from centralino.demo import clips

PAUSE_MS = 350
"""A longer silence in a recording is where one utterance ends; a shorter one is a breath in the middle of it."""
SHORTEST_MS = 700
LONGEST_MS = 6500
MARGIN_MS = 80
"""Kept before and after the speech of a piece."""
UNUSABLE = ("operator", "operatore", "niente", "thanks", "bargein", "si", "no", "yes")
"""Sample clips that lead out of a question (commands, goodbyes) or say less than an answer needs."""


def recorded(folder: Path) -> list[Clip]:
    """The utterances of every recording in a folder with a `transcripts.tsv` (file, tab, text). Raises BadClip."""
    table = folder / "transcripts.tsv"
    try:
        names = [line.split("\t")[0] for line in table.read_text(encoding="utf-8").splitlines() if line.strip()]
    except OSError as error:
        raise BadClip(f"{table}: {error.strerror}; --speech needs a folder with wav files and their list") from None
    pieces = [piece for name in names for piece in cut(load_clip(folder / name))]
    if not pieces:
        raise BadClip(f"{folder}: no recording has speech between pauses of {SHORTEST_MS} to {LONGEST_MS} ms")
    return pieces


def sampled(language: str) -> list[Clip]:
    """The sample callers' questions in a language. Raises BadClip when there are none."""
    usable = [
        clip
        for name, clip in clips().items()
        if name.startswith(f"{language}_") and name.removeprefix(f"{language}_") not in UNUSABLE
    ]
    if not usable:
        raise BadClip(f"there are no sample callers for {language!r}; give recordings with --speech DIR")
    return usable


def cut(clip: Clip) -> list[Clip]:
    """A recording's utterances, in order. Speech without a pause in LONGEST_MS is left out: nobody answers it."""
    per_ms = clip.rate_hz / 1000
    pieces = []
    for start_ms, end_ms in utterances(clip.spans):
        first = max(0, int((start_ms - MARGIN_MS) * per_ms))
        last = min(len(clip.pcm) // 2, int((end_ms + MARGIN_MS) * per_ms))
        pieces.append(Clip(f"{clip.name} {start_ms / 1000:.1f} s", clip.pcm[2 * first : 2 * last], clip.rate_hz))
    return pieces


def utterances(spans: Sequence[Span]) -> list[Span]:
    """Speech between two pauses, where it is neither too short nor too long."""
    joined: list[Span] = []
    for start_ms, end_ms in spans:
        if joined and start_ms - joined[-1][1] < PAUSE_MS:
            joined[-1] = (joined[-1][0], end_ms)
        else:
            joined.append((start_ms, end_ms))
    return [span for span in joined if SHORTEST_MS <= span[1] - span[0] <= LONGEST_MS]
