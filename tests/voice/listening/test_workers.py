"""Real worker processes with real models: they die, hang and are replaced."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.voice.listening.conftest import Clip, pid_of, words
from voice.audio import resample
from voice.listening.recognizer import Recognition, Recognizer, RecognizerLost
from voice.listening.workers import Recognizers, RecognizersUnavailable
from voice.models import EngineChoice, ModelStore, choose_engine

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def recognise(recognizer: Recognizer, clip: Clip) -> Recognition:
    await say(recognizer, clip)
    return await recognizer.final()


async def say(recognizer: Recognizer, clip: Clip) -> None:
    pcm = resample(clip.pcm, clip.rate_hz, recognizer.rate_hz)
    for at in range(0, len(pcm), 5120):
        await recognizer.accept(pcm[at : at + 5120])


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(("language", "name"), [("it", "it_reso"), ("en", "en_open")])
async def test_whisper_understands_a_telephone_line(
    recognizers: Recognizers, clip: Callable[[str], Clip], language: str, name: str
) -> None:
    recognizer = await recognizers.open(language)
    try:
        said = await recognise(recognizer, clip(name))
        wanted = words(clip(name).text)
        assert len(words(said.text) & wanted) / len(wanted) > 0.7
        assert said.is_final
        assert said.confidence is not None
        assert said.confidence > 0.5
        assert (await recognizer.partial()).text == ""
    finally:
        await recognizer.close()


async def test_a_worker_tells_which_words_its_model_does_not_have(recognizers: Recognizers) -> None:
    assert await recognizers.unknown("ko", ["영업", "libreria", "시간"]) == ["libreria"]
    assert await recognizers.unknown("ko", [*["영업"] * 1500, "쀍뒑"]) == ["쀍뒑"]
    assert await recognizers.unknown("it", ["libreria", "쀍뒑"]) == [], "Whisper writes letter by letter"


async def test_a_look_does_not_end_the_utterance(recognizers: Recognizers, clip: Callable[[str], Clip]) -> None:
    recognizer = await recognizers.open("it")
    await say(recognizer, clip("it_reso"))
    ahead = await recognizer.look()
    assert ahead.is_final, "if nothing more is said, these are the words"
    said = await recognizer.final()
    assert said.text == ahead.text != ""
    assert (await recognizer.final()).text == ""
    await recognizer.close()


async def test_vosk_hears_phrases_with_times_and_confidence(
    recognizers: Recognizers, clip: Callable[[str], Clip], korean_phrases: list[str]
) -> None:
    recognizer = await recognizers.open("ko")
    await recognizer.expect(korean_phrases)
    heard = {}
    for name in ("ko_hours", "ko_operator", "ko_refund", "ko_shipping"):
        said = await recognise(recognizer, clip(name))
        heard[name] = said.text.replace(" ", "") == clip(name).text.replace(" ", "")
        times = [time for word in said.words for time in (word.start_ms, word.end_ms)]
        assert times == sorted(times)
        assert all(0 <= time <= len(clip(name).pcm) / 32 + 50 for time in times)
    assert sum(heard.values()) >= 3, heard
    await recognizer.close()


async def test_words_the_model_does_not_know_are_reported(
    recognizers: Recognizers, capsys: pytest.CaptureFixture[str]
) -> None:
    recognizer = await recognizers.open("ko")
    await recognizer.expect(["네", "아니요", "qwertz"])
    assert "qwertz" in capsys.readouterr().out
    await recognizer.close()


async def test_expecting_in_mid_word_waits_for_the_next_utterance(
    recognizers: Recognizers, clip: Callable[[str], Clip]
) -> None:
    recognizer = await recognizers.open("ko")
    await say(recognizer, clip("ko_refund"))
    await recognizer.expect(["네", "아니요"])
    assert words((await recognizer.final()).text) - {"네", "아니요"}
    said = await recognise(recognizer, clip("ko_no"))
    assert words(said.text) <= {"네", "아니요"}
    await recognizer.close()


async def test_two_workers_decode_at_the_same_time(recognizers: Recognizers, clip: Callable[[str], Clip]) -> None:
    both = [await recognizers.open("ko"), await recognizers.open("ko")]
    assert pid_of(both[0]) != pid_of(both[1])
    pids = {pid_of(recognizer) for recognizer in both}
    sound = resample(clip("it_orari").pcm, 8000, 16000)
    tasks = [asyncio.create_task(recognizer.accept(sound)) for recognizer in both]
    await until(lambda: {worker.pid for worker in recognizers.stats() if worker.waiting} == pids)
    await asyncio.sleep(0.1)
    assert {worker.pid for worker in recognizers.stats() if worker.waiting} == pids
    await asyncio.gather(*tasks)
    for recognizer in both:
        assert (await recognizer.final()).text
        await recognizer.close()


async def test_a_killed_worker_is_told_once_and_replaced(
    recognizers: Recognizers, clip: Callable[[str], Clip], korean_phrases: list[str]
) -> None:
    victim, neighbour, bystander = [await recognizers.open("ko") for _ in range(3)]
    assert pid_of(victim) == pid_of(bystander) != pid_of(neighbour)
    for recognizer in (victim, neighbour, bystander):
        await recognizer.expect(korean_phrases)
    speech = resample(clip("ko_hours").pcm, clip("ko_hours").rate_hz, 16000)
    await victim.accept(speech[: len(speech) // 2])
    died = pid_of(victim)
    os.kill(died, signal.SIGKILL)
    with pytest.raises(RecognizerLost):
        await victim.accept(speech[len(speech) // 2 :])
    said = await recognise(victim, clip("ko_hours"))  # The phrases it expects came along.
    assert said.text.replace(" ", "") == "영업시간"
    assert pid_of(victim) != died
    with pytest.raises(RecognizerLost):
        await bystander.final()
    assert (await recognise(bystander, clip("ko_hours"))).text == said.text
    assert (await recognise(neighbour, clip("ko_hours"))).text == said.text
    assert sum(worker.restarts for worker in recognizers.stats()) >= 1
    for recognizer in (victim, neighbour, bystander):
        await recognizer.close()


async def test_a_killed_whisper_is_replaced(recognizers: Recognizers, clip: Callable[[str], Clip]) -> None:
    recognizer = await recognizers.open("en")
    pending = asyncio.create_task(recognise(recognizer, clip("en_open")))
    await until(lambda: any(worker.engine == "whisper" and worker.waiting for worker in recognizers.stats()))
    os.kill(pid_of(recognizer), signal.SIGKILL)
    with pytest.raises(RecognizerLost):
        await pending
    assert "open" in (await recognise(recognizer, clip("en_open"))).text
    await recognizer.close()


async def test_a_hanging_worker_is_killed(recognizers: Recognizers, clip: Callable[[str], Clip]) -> None:
    recognizer = await recognizers.open("ko")
    hanging = pid_of(recognizer)
    patience = recognizer._link._answer_within_s
    recognizer._link._answer_within_s = 1.0
    try:
        os.kill(hanging, signal.SIGSTOP)
        await asyncio.sleep(0.2)  # each of its threads stops at its next moment
        with pytest.raises(RecognizerLost, match=r"did not answer for 1 s"):
            await recognizer.final()
    finally:
        recognizer._link._answer_within_s = patience
    await recognise(recognizer, clip("ko_yes"))
    assert pid_of(recognizer) != hanging
    await recognizer.close()


async def test_a_dead_nursery_is_replaced_while_its_worker_goes_on(
    store: ModelStore, clip: Callable[[str], Clip]
) -> None:
    pool = Recognizers(store)
    await pool.start([choose_engine("en", store, engine="whisper")])
    try:
        recognizer = await pool.open("en")
        (nursery,) = pool._nurseries.values()
        first, worker = nursery.pid, pid_of(recognizer)
        assert first
        os.kill(first, signal.SIGKILL)
        assert "open" in (await recognise(recognizer, clip("en_open"))).text
        assert pid_of(recognizer) == worker
        os.kill(worker, signal.SIGKILL)
        with pytest.raises(RecognizerLost):
            await recognizer.final()
        assert "open" in (await recognise(recognizer, clip("en_open"))).text
        assert nursery.pid != first
        processes = [pid_of(recognizer), nursery.pid]
    finally:
        await pool.close()
    await until(lambda: not any(alive(pid) for pid in processes if pid))


_SERVER = """
import asyncio, os
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine
async def main():
    store = ModelStore()
    pool = Recognizers(store)
    await pool.start([choose_engine("it", store, engine="whisper")])
    print(*[worker.pid for worker in pool.stats()], *[nursery.pid for nursery in pool._nurseries.values()], flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


async def test_a_killed_server_leaves_no_process(store: ModelStore) -> None:
    root = str(Path(__file__).parents[3])
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert server.stdout
    pids = [int(pid) for pid in server.stdout.readline().split()]
    assert len(pids) == 2
    assert all(alive(pid) for pid in pids)
    server.kill()
    server.wait()
    await until(lambda: not any(alive(pid) for pid in pids))


def alive(pid: int) -> bool:
    """Not a zombie either (a dead nursery's children may wait a moment for init)."""
    state = subprocess.run(["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


async def test_a_missing_model_names_the_command_that_helps(tmp_path: Path) -> None:
    pool = Recognizers(ModelStore(tmp_path))
    with pytest.raises(RecognizersUnavailable, match=r"centralino models fetch vosk-model-small-ko-0\.22"):
        await pool.start([choose_engine("ko", ModelStore(tmp_path))])


async def test_a_broken_model_is_said_at_the_start(tmp_path: Path, store: ModelStore) -> None:
    broken = ModelStore(tmp_path)
    folder = tmp_path / "models" / "whisper-base"
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "vocabulary.json", "tokenizer.json"):
        (folder / name).write_text("{}")
    broken._write_stamp(folder, {})
    (folder / "verified.json").write_text('{"files": {"README": {"size": 2, "mtime_ns": 1, "sha256": "x"}}}')
    (folder / "README").write_text("no")
    os.utime(folder / "README", ns=(1, 1))
    pool = Recognizers(broken)
    with pytest.raises(RecognizersUnavailable, match="whisper cannot listen with whisper-base"):
        await pool.start([EngineChoice("it", "whisper", "whisper-base", "")])


async def test_an_unknown_language_is_refused(recognizers: Recognizers) -> None:
    with pytest.raises(RecognizersUnavailable, match="'xx'"):
        await recognizers.open("xx")


async def test_a_worker_that_parts_just_as_it_is_asked_is_a_lost_one(recognizers: Recognizers) -> None:
    recognizer = await recognizers.open("ko")
    link = recognizer._link
    asked = [asyncio.create_task(recognizer.accept(bytes(320))) for _ in range(3)]
    loop = asyncio.get_running_loop()
    loop.call_soon(loop.call_soon, link._part, "it parted")  # after they saw it connected, before they wrote
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert all(answer is None or isinstance(answer, RecognizerLost) for answer in answers), answers
    await recognizer.accept(bytes(320))
    await recognizer.close()
