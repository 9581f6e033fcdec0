"""The child process of `voice.speaking.pyttsx3`: owns pyttsx3 and with it espeak-ng, one sentence at a time."""

from __future__ import annotations

import io
import wave
from typing import Any

from voice.speaking import espeak_library, workers

TRIES = 3


class Engine:
    """pyttsx3's espeak driver, used so that it cannot lose a sentence."""

    def __init__(self) -> None:
        try:
            import pyttsx3.drivers.espeak
        except RuntimeError:  # pyttsx3 found no library on this system
            espeak_library.load_bundled()
        import pyttsx3

        self._engine = pyttsx3.init("espeak")
        self._errors: list[str] = []
        # Without a listener pyttsx3 drops what goes wrong, an unknown voice for one.
        self._engine.connect("error", lambda exception, **_: self._errors.append(str(exception)))

    def speak(self, request: dict[str, Any]) -> workers.Message:
        """{text, voice, rate_wpm} -> ({rate_hz, tries}, PCM16).

        Raises ValueError for an unknown voice, RuntimeError when there is no sound.
        """
        for tries in range(1, TRIES + 1):
            recorded = self._record(request["text"], request["voice"], request["rate_wpm"])
            if recorded is not None:
                return {"rate_hz": recorded[0], "tries": tries}, recorded[1]
        raise RuntimeError(f"no sound after {TRIES} tries")

    def _record(self, text: str, voice: str, rate_wpm: int) -> tuple[int, bytes] | None:
        self._errors.clear()
        target = io.BytesIO()
        self._engine.setProperty("voice", voice)
        self._engine.setProperty("rate", rate_wpm)
        self._engine.save_to_file(text, target)
        # Not runAndWait: it queues the end of the loop right behind the text and then may return before the sound is
        # there. This loop is ended by the driver itself, once it has written the file.
        self._engine.startLoop()
        self._engine.endLoop()
        if self._errors:
            raise ValueError(f"espeak-ng has no voice {voice!r} ({'; '.join(self._errors)})")
        # A variant that does not exist ('it+nobody') is dropped without an error.
        if "+" in voice and not str(self._engine.getProperty("voice")).endswith(voice[voice.index("+") :].lower()):
            raise ValueError(f"espeak-ng has no variant {voice[voice.index('+') :]!r} (of voice {voice!r})")
        try:
            with wave.open(io.BytesIO(target.getvalue())) as file:
                pcm = file.readframes(file.getnframes())
                return (file.getframerate(), pcm) if pcm else None
        except (wave.Error, EOFError):
            return None


if __name__ == "__main__":
    workers.serve(lambda: Engine().speak)
