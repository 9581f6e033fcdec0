"""Train voice/listening/narrowband_weights.npz: what fills the band that a telephone line cuts off.

    centralino models fetch kokoro-82m
    nice python scripts/train_narrowband.py [--spoken FOLDER] [WAV_FOLDER ...]

Needs the extra `neural`. Kokoro's 54 voices read the sample company's answers (Italian, English), each voice at three
speeds, into --spoken (default: a temporary folder; what is there already is used). WAV_FOLDERs hold more speech, 16 kHz
mono PCM16. Every clip is sent through several telephone lines at several levels; the perceptron learns to tell, from
what arrived, the energy in each band that did not. Speech that a result is reported on must not be among it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import warnings
import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from ruamel.yaml import YAML
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

import samples
from centralino.bench.phone_channel import LINE, Line, through_the_phone
from voice.audio import float_to_pcm, pcm_to_float
from voice.listening import narrowband
from voice.listening.narrowband import AHEAD, ENVELOPE_WINDOW, HOP, PAST, WIDE_HZ, WINDOW, Floats
from voice.models import ModelStore
from voice.speaking import kokoro_model, loudness
from voice.speaking.kokoro import MODEL

TARGET = Path(narrowband.__file__).with_name("narrowband_weights.npz")
SPEEDS = (1.0, 0.85, 1.2)
SPEECH_RMS = 0.09
"""-21 dBFS: every clip is brought to it before its levels are varied."""
LEVELS = (1.0, 0.4, 0.15)
"""-21, -29 and -37 dBFS, each up to 3 dB louder or softer."""
HIDDEN = (128, 96)
EPOCHS = 12


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the band extension.")
    parser.add_argument("folders", nargs="*", type=Path, help="more speech: folders of 16 kHz mono PCM16 files")
    parser.add_argument("--spoken", type=Path, help="where the synthesised speech is kept")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.spoken or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        speak_into(folder)
        clips = [read(path) for where in (folder, *asked.folders) for path in sorted(where.glob("*.wav"))]
    print(f"{len(clips)} clips, {sum(map(len, clips)) / WIDE_HZ / 60:.1f} minutes", flush=True)
    heard, missing = rows(clips)
    print(f"{len(heard)} frames", flush=True)
    weights = fitted(heard, missing)
    np.savez_compressed(TARGET, **weights)
    print(f"{TARGET}: {TARGET.stat().st_size} bytes")


def speak_into(folder: Path) -> None:
    """Have every voice read a sentence at each speed, unless its file is there."""
    models = ModelStore().path(MODEL)
    kokoro = kokoro_model.KokoroModel(models, threads=2)
    texts = {language: sentences(language) for language in ("it", "en")}
    chance = random.Random(0)  # noqa: S311
    for round_, speed in enumerate(SPEEDS):
        for number, voice in enumerate(sorted(path.stem for path in (models / "voices").glob("*.bin"))):
            english = voice[0] in "ab" or (voice[0] != "i" and (number + round_) % 3 == 0)
            language = "en" if english else "it"
            text = chance.choice(texts[language])
            path = folder / f"{voice}-{round_}-{language}.wav"
            if path.is_file():
                continue
            sound = loudness.resampled(kokoro.speak(text, language, voice, speed), kokoro_model.RATE_HZ)
            with wave.open(str(path), "wb") as file:
                file.setparams((1, 2, WIDE_HZ, 0, "NONE", ""))
                file.writeframes(float_to_pcm(sound * np.float32(0.5 / np.max(np.abs(sound)))))


def sentences(language: str) -> list[str]:
    """Of the answers in the sample company's articles."""
    found = []
    for path in sorted((samples.FOLDER / "bookshop" / "articles").glob("*.yaml")):
        for article in YAML(typ="safe").load(path.read_text(encoding="utf-8")):
            spoken = article["spoken"].get(language, "")
            found += [sentence for sentence in spoken.split(". ") if len(sentence) > 20]
    return found


def read(path: Path) -> Floats:
    with wave.open(str(path)) as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, WIDE_HZ):
            raise SystemExit(f"{path} is not 16 kHz mono PCM16")
        return pcm_to_float(file.readframes(file.getnframes()))


def rows(clips: Iterable[Floats]) -> tuple[Floats, Floats]:
    """For each 10 ms of speech: the looks at PAST from which to guess, and the levels to be guessed."""
    chance = np.random.default_rng(0)
    heard, missing = [], []
    for clip in clips:
        for number, level in enumerate(LEVELS):
            loud = level * chance.uniform(0.7, 1.4) * SPEECH_RMS / np.sqrt(np.mean(np.square(clip)))
            sound = (clip * loud).astype(np.float32)
            looks, levels = pairs(sound, any_line(chance) if number else LINE)
            # Silence is the same everywhere: less of it.
            kept = chance.random(len(looks)) < np.where(looks[:, : looks.shape[1] // len(PAST)].max(1) > -5, 1, 0.3)
            heard.append(looks[kept])
            missing.append(levels[kept])
    return np.concatenate(heard), np.concatenate(missing)


def any_line(chance: np.random.Generator) -> Line:
    return Line(chance.uniform(80, 300), chance.uniform(3350, 3750), int(chance.integers(2, 6)))


def pairs(sound: Floats, line: Line) -> tuple[Floats, Floats]:
    narrow = pcm_to_float(through_the_phone(float_to_pcm(sound), line))
    count = len(narrow) // HOP
    windows = sliding_window_view(np.pad(narrow, (WINDOW - AHEAD, WINDOW)), WINDOW)[::HOP][:count]
    looks = narrowband.heard_levels(windows)
    past = [np.concatenate([np.repeat(looks[:1], back, axis=0), looks])[:count] for back in PAST]
    half = ENVELOPE_WINDOW // 2
    wide = sliding_window_view(np.pad(sound, (half, 2 * half)), ENVELOPE_WINDOW)[:: 2 * HOP][:count]
    return np.concatenate(past, axis=1), narrowband.filled_levels(wide)


def fitted(heard: Floats, missing: Floats) -> dict[str, Floats]:
    """The perceptron's weights, with the scaling of what goes in and comes out folded into them."""
    (mean_in, spread_in), (mean_out, spread_out) = ((rows.mean(0), rows.std(0)) for rows in (heard, missing))
    network = MLPRegressor(
        hidden_layer_sizes=HIDDEN, batch_size=512, max_iter=EPOCHS, learning_rate_init=1e-3, alpha=1e-5, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        network.fit((heard - mean_in) / spread_in, (missing - mean_out) / spread_out)
    print(f"squared error {network.loss_ * 2:.3f} of the variance", flush=True)
    (w0, w1, w2), (b0, b1, b2) = network.coefs_, network.intercepts_
    folded = {
        "w0": w0 / spread_in[:, None],
        "b0": b0 - (mean_in / spread_in) @ w0,
        "w1": w1,
        "b1": b1,
        "w2": w2 * spread_out,
        "b2": b2 * spread_out + mean_out,
    }
    return {name: array.astype(np.float16) for name, array in folded.items()}


if __name__ == "__main__":
    main()
