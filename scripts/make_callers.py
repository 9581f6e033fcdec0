"""Make the callers' clips in samples/bookshop/callers/, which demo and tests play into calls.

    centralino models fetch kokoro-82m
    python scripts/make_callers.py

Needs the extra `neural`. Italian and English are spoken by Kokoro: espeak-ng's Italian is not understood through a
phone (word error rate 0.76 against 0.11 to 0.15). Korean is spoken by espeak-ng, whose words Vosk understands with a
phrase grammar (Kokoro's less). Speeds, voices and wordings are those that Whisper base and Vosk understood best.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import wave
from dataclasses import dataclass

import numpy as np

import samples
from voice.audio import float_to_pcm, pcm_to_float
from voice.models import ModelStore
from voice.speaking import kokoro_model, loudness
from voice.speaking.kokoro import MODEL
from voice.speaking.pyttsx3 import Pyttsx3Synthesizer
from voice.speaking.synthesizer import Voice

FOLDER = samples.FOLDER / "bookshop" / "callers"
SILENCE_MS = 100
PEAK = 0.5


@dataclass(frozen=True)
class Clip:
    """speed: of Kokoro's own pace; for Korean, words a minute."""

    id: str
    text: str
    voice: str
    rate_hz: int = 8_000
    speed: float = 1.0

    @property
    def language(self) -> str:
        return "it" if self.id.startswith("op_it") else self.id[:2]

    @property
    def engine(self) -> str:
        return "pyttsx3" if self.language == "ko" else "kokoro"


CLIPS = (
    Clip("it_orari", "Buongiorno, vorrei sapere quali sono gli orari di apertura della libreria.", "if_sara"),
    Clip("it_reso", "Vorrei restituire un libro che ho comprato la settimana scorsa.", "if_sara"),
    Clip("it_spedizione", "Quanto costa la spedizione a casa?", "if_sara"),
    Clip("it_operatore", "Vorrei parlare con un operatore, per favore.", "if_sara"),
    Clip("it_ordine", "Vorrei sapere dov'è il mio ordine.", "im_nicola", speed=0.9),
    Clip("it_numero", "Quattro sette uno due nove zero.", "im_nicola"),
    Clip("it_si", "Sì, certo.", "im_nicola", speed=0.9),
    Clip("it_no", "No, non è giusto.", "im_nicola", speed=0.9),
    Clip("it_fattura", "Ho bisogno della fattura per la mia azienda.", "im_nicola"),
    Clip("it_niente", "No grazie, è tutto.", "if_sara"),
    Clip("it_bargein", "Scusi, mi interessa sapere solo i costi di spedizione.", "if_sara"),
    Clip("it_fuori", "Che tempo farà domani a Parigi?", "if_sara"),
    Clip("it_bar", "Avete anche un bar in libreria?", "im_nicola"),
    Clip("it_mi_chiamo", "Sì, buongiorno, ho ricevuto un libro con la copertina rovinata.", "if_sara"),
    Clip("op_it_1", "Buongiorno, sono al banco assistenza, la ascolto.", "im_nicola", 16_000),
    Clip("op_it_2", "Le mando subito una copia nuova, mi dispiace.", "im_nicola", 16_000),
    Clip("en_open", "What time do you open on Saturday?", "am_michael"),
    Clip("en_ship", "How much does delivery to London cost?", "af_heart"),
    Clip("en_thanks", "No, that is all, thank you.", "am_michael"),
    Clip("ko_hours", "영업 시간", "ko+f2", 16_000, 125),
    Clip("ko_shipping", "배송비", "ko+f2", 16_000, 125),
    Clip("ko_refund", "환불 하고 싶어요", "ko+f2", 16_000, 125),
    Clip("ko_location", "위치", "ko+Andrea", 16_000, 110),
    Clip("ko_phone", "전화번호", "ko+Andrea", 16_000, 125),
    Clip("ko_receipt", "영수증", "ko+Andrea", 16_000, 115),
    Clip("ko_operator", "상담원", "ko+f2", 16_000, 125),
    Clip("ko_yes", "네", "ko+f5", 16_000, 125),
    Clip("ko_no", "아니요", "ko+f1", 16_000, 125),
    Clip("ko_thanks", "감사합니다", "ko+f1", 16_000, 125),
)

KOREAN_GRAMMAR = tuple(clip.text for clip in CLIPS if clip.language == "ko")
"""The phrases that the recognizer expects, all together. The Korean Vosk model has no '[unk]'."""


def finished(spoken: loudness.Samples, from_hz: int, clip: Clip) -> bytes:
    """Trimmed to 0.1 s of silence at both ends, at the clip's rate, peak at -6 dBFS, PCM16."""
    sound = loudness.resampled(spoken, from_hz, clip.rate_hz)
    # Kokoro lets some sentences die away in a breath of half a second, 35 dB below the voice: that is silence here.
    sound = loudness.trimmed(sound, clip.rate_hz, SILENCE_MS, SILENCE_MS, below_peak_db=32)
    if not len(sound):
        raise RuntimeError(f"clip {clip.id}: no speech in it")
    return float_to_pcm(sound * np.float32(PEAK / np.max(np.abs(sound))))


def by_kokoro(model: kokoro_model.KokoroModel, clip: Clip) -> bytes:
    return finished(model.speak(clip.text, clip.language, clip.voice, clip.speed), kokoro_model.RATE_HZ, clip)


async def by_espeak(clip: Clip) -> bytes:
    speaker = Pyttsx3Synthesizer({"ko": int(clip.speed)})
    try:
        sound = await speaker.synthesize(clip.text, Voice("pyttsx3", clip.language, clip.voice))
    finally:
        await speaker.close()
    margin = np.zeros(sound.rate_hz * SILENCE_MS // 1000, dtype=np.float32)
    return finished(np.concatenate([margin, pcm_to_float(sound.pcm), margin]), sound.rate_hz, clip)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the callers' clips.")
    parser.add_argument("--only", nargs="*", help="ids of the clips to make (default: all)")
    asked = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    model = kokoro_model.KokoroModel(ModelStore().path(MODEL), threads=2)
    for clip in CLIPS:
        if asked.only and clip.id not in asked.only:
            continue
        pcm = asyncio.run(by_espeak(clip)) if clip.engine == "pyttsx3" else by_kokoro(model, clip)
        with wave.open(str(FOLDER / f"{clip.id}.wav"), "wb") as file:
            file.setparams((1, 2, clip.rate_hz, 0, "NONE", ""))
            file.writeframes(pcm)
        print(f"{clip.id}: {len(pcm) / 2 / clip.rate_hz:.1f} s")
    (FOLDER / "manifest.json").write_text(
        json.dumps([entry(clip) for clip in CLIPS], ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


def entry(clip: Clip) -> dict[str, object]:
    told: dict[str, object] = {
        "file": f"{clip.id}.wav",
        "id": clip.id,
        "text": clip.text,
        "language": clip.language,
        "rate_hz": clip.rate_hz,
        "voice": f"{clip.engine}:{clip.voice}",
    }
    return told | ({"grammar": list(KOREAN_GRAMMAR)} if clip.language == "ko" else {})


if __name__ == "__main__":
    main()
