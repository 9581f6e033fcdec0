"""What the callers of `centralino bench turns` say, and where they pause while saying it.

The callers' clips of the sample company, whole and with silence put between two words. The development half is for
choosing the thresholds of `Endpointing`; the reported half has other clips (of the spoken number, which is only there
once, other pauses) and was not looked at for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from centralino.calling import Clip

ORDER = "Vorrei sapere dov'è il mio ordine."
HOURS = "Quali sono gli orari?"
NEAR_MS = 70
"""A pause is put where the clip is quietest, that far around the given place at most."""


@dataclass(frozen=True)
class ScriptedTurn:
    """kind: 'yes_no' | 'digits' | 'question' (whole) | 'hesitating' (pauses after words that want more) |
    'continuing' (pauses where the words so far could be all). before: what the caller said earlier in the call.

    pauses: (place in the clip, length of the silence), ms.
    """

    line: str
    kind: str
    clip: str
    before: tuple[str, ...] = ()
    pauses: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        return " ".join([self.clip, *(f"+{length_ms}ms@{at_ms}" for at_ms, length_ms in self.pauses)])


def development() -> list[ScriptedTurn]:
    return [
        *(_it("question", name) for name in ("it_orari", "it_reso", "it_ordine", "it_fuori")),
        ScriptedTurn("bookshop", "question", "en_open"), ScriptedTurn("seojeom", "question", "ko_hours"),
        _it("yes_no", "it_si", (ORDER, "471290")), _it("yes_no", "it_niente", (HOURS,)),
        _it("digits", "it_numero", (ORDER,)),
        *(_it("digits", "it_numero", (ORDER,), (620, ms), (1250, ms)) for ms in (450, 900)),
        *_with_pauses("hesitating", "it_orari", 1_600, (500, 1_000)),
        *_with_pauses("hesitating", "it_reso", 1_180, (500, 1_000)),
        *_with_pauses("hesitating", "it_ordine", 1_540, (700, 1_400)),
        *_with_pauses("hesitating", "it_fuori", 1_360, (700,)),
        *_with_pauses("continuing", "it_orari", 2_720, (300, 500)),
        *_with_pauses("continuing", "it_reso", 1_420, (300, 500)),
        *_with_pauses("continuing", "it_fuori", 1_280, (400,)),
    ]  # fmt: skip


def reported() -> list[ScriptedTurn]:
    return [
        *(_it("question", name) for name in ("it_spedizione", "it_fattura", "it_operatore", "it_bargein")),
        _it("question", "it_mi_chiamo"),
        ScriptedTurn("bookshop", "question", "en_ship"),
        *(ScriptedTurn("seojeom", "question", f"ko_{name}") for name in ("shipping", "refund", "location", "receipt")),
        _it("yes_no", "it_no", (ORDER, "471290")), _it("yes_no", "it_si", (ORDER, "300500")),
        ScriptedTurn("bookshop", "yes_no", "en_thanks", ("What time do you open?",)),
        _it("digits", "it_numero", (ORDER,)),
        *(_it("digits", "it_numero", (ORDER,), (940, ms)) for ms in (400, 600, 800, 1_200, 1_600)),
        *_with_pauses("hesitating", "it_spedizione", 880, (500, 900, 1_500)),
        *_with_pauses("hesitating", "it_fattura", 860, (500, 900, 1_500)),
        *_with_pauses("hesitating", "it_fattura", 1_840, (500, 900)),
        *_with_pauses("hesitating", "it_operatore", 1_140, (500, 900, 1_500)),
        *_with_pauses("hesitating", "it_bargein", 1_480, (500, 900)),
        *_with_pauses("hesitating", "it_mi_chiamo", 1_760, (500, 900)),
        *_with_pauses("hesitating", "it_mi_chiamo", 2_340, (700, 1_500), "libreria"),
        *_with_pauses("hesitating", "en_ship", 1_360, (500, 900), "bookshop"),
        *_with_pauses("continuing", "it_spedizione", 1_500, (250, 350)),
        *_with_pauses("continuing", "it_fattura", 1_360, (250, 350)),
        *_with_pauses("continuing", "it_mi_chiamo", 2_000, (350, 550)),
        *_with_pauses("continuing", "en_ship", 1_110, (350, 550), "bookshop"),
    ]  # fmt: skip


def with_silences(clip: Clip, pauses: tuple[tuple[int, int], ...]) -> tuple[bytes, float]:
    """The clip's sound with its pauses, and when its last voiced sample comes (ms)."""
    pcm, added_ms = clip.pcm, 0
    for at_ms, length_ms in sorted(pauses):
        cut = _quietest(clip, at_ms) + added_ms * clip.rate_hz // 1000 * 2
        pcm = pcm[:cut] + bytes(length_ms * clip.rate_hz // 1000 * 2) + pcm[cut:]
        added_ms += length_ms
    return pcm, (clip.last_voiced_ms or 0.0) + added_ms


def _quietest(clip: Clip, at_ms: int) -> int:
    """The byte position of the quietest 20 ms near a place."""
    window = clip.rate_hz // 50
    samples = np.frombuffer(clip.pcm, dtype="<i2").astype(np.float64)
    first = max(0, (at_ms - NEAR_MS) * clip.rate_hz // 1000)
    last = min(len(samples) - window, (at_ms + NEAR_MS) * clip.rate_hz // 1000)
    places = range(first, last, window // 4)
    quietest = min(places, key=lambda place: float(np.square(samples[place : place + window]).sum()))
    return (quietest + window // 2) * 2


def _it(kind: str, clip: str, before: tuple[str, ...] = (), *pauses: tuple[int, int]) -> ScriptedTurn:
    return ScriptedTurn("libreria", kind, clip, before, pauses)


def _with_pauses(
    kind: str, clip: str, at_ms: int, lengths_ms: tuple[int, ...], line: str = "libreria"
) -> Iterator[ScriptedTurn]:
    for length_ms in lengths_ms:
        yield ScriptedTurn(line, kind, clip, (), ((at_ms, length_ms),))
