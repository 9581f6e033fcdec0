"""What our caller understands of a bot: real Italian speech, through mu-law, by the real recognizer."""

import base64
from pathlib import Path

import pytest
import pytest_asyncio

import samples
from centralino.calling import Script, WaitForQuiet, load_clip, place_call
from voice import g711
from voice.listening.workers import Recognizers
from voice.models import ModelStore, choose_engine

CALLERS = Path(samples.__file__).parent / "bookshop" / "callers"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def recognizers():
    store = ModelStore()
    recognizers = Recognizers(store)
    await recognizers.start([choose_engine("it", store)])
    yield recognizers
    await recognizers.close()


async def call_a_bot_that_says(clip_names, twilio_server, auth_token, recognizer, live):
    async def plays(bot):
        await bot.until("start")
        for name in clip_names:
            pcm = load_clip(CALLERS / f"{name}.wav").at(8000).pcm + bytes(16 * 900)
            await bot.send("media", media={"payload": base64.b64encode(g711.pcm_to_mulaw(pcm)).decode()})
        await bot.until("stop")

    seen = []
    async with twilio_server(plays) as server:
        result = await place_call(
            server.url,
            door="twilio",
            line="IT",
            script=Script((WaitForQuiet(1200),)),
            twilio_auth_token=auth_token,
            recognizer=recognizer,
            hears_live=live,
            observer=seen.append,
        )
    return result, [happening.text for happening in seen if happening.kind == "heard"]


@pytest_asyncio.fixture(loop_scope="module")
async def recognizer(recognizers):
    recognizer = await recognizers.open("it")
    yield recognizer
    await recognizer.close()


def understood(result):
    return [heard.text.lower() for heard in result.heard]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_bot_is_transcribed_after_the_call(twilio_server, auth_token, recognizer):
    result, seen = await call_a_bot_that_says(["op_it_1", "op_it_2"], twilio_server, auth_token, recognizer, live=False)
    first, second = understood(result)
    assert "assistenza" in first
    assert "copia" in second
    assert result.heard[0].end_ms < result.heard[1].start_ms
    assert seen == [heard.text for heard in result.heard]


@pytest.mark.asyncio(loop_scope="module")
async def test_the_bot_is_transcribed_while_it_speaks(twilio_server, auth_token, recognizer):
    result, seen = await call_a_bot_that_says(["op_it_1", "op_it_2"], twilio_server, auth_token, recognizer, live=True)
    first, second = understood(result)
    assert "assistenza" in first
    assert "copia" in second
    assert seen == [heard.text for heard in result.heard]
