"""The page to call from: real microphone frames, played sound, marks, keys."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

import numpy as np

RATE_HZ = 16000


def beep(seconds: float) -> bytes:
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    return (0.3 * np.sin(2 * math.pi * 500 * times) * 32767).astype("<i2").tobytes()


async def dial(live: Any, pages: Any) -> tuple[Any, Any]:
    context = await pages.context()
    page = await context.new_page()
    await page.goto(f"{live.url}/call")
    await page.get_by_role("button", name="Chiama", exact=True).click()
    call = await pages.until(lambda: live.calls and live.calls[-1])
    await page.get_by_text("In linea").wait_for()
    return page, call


async def test_the_microphone_arrives_as_pcm16_at_16_khz(live: Any, pages: Any) -> None:
    _, call = await dial(live, pages)
    assert {key: call.texts[0][key] for key in ("type", "line", "caller", "rate_hz")} == {
        "type": "start", "line": "it", "caller": "", "rate_hz": RATE_HZ,
    }  # fmt: skip
    await pages.until(lambda: len(call.pcm) >= 3 * 2 * RATE_HZ)
    elapsed_s = time.monotonic() - call.first_sound_s
    assert call.frame_sizes == {640}
    sound = np.frombuffer(bytes(call.pcm[2 * RATE_HZ :]), "<i2").astype(float) / 32768
    assert np.sqrt(np.mean(sound**2)) > 0.01, "silence"
    # A wrong rate would move the microphone's 440 Hz: at 48 kHz taken for 16 kHz it would be 147 Hz.
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    loudest_hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)[spectrum.argmax()]
    assert abs(loudest_hz - 440) < 12
    assert 0.5 < len(call.pcm) / 2 / RATE_HZ / elapsed_s < 2.0


async def test_a_mark_comes_back_when_the_sound_before_it_was_played(live: Any, pages: Any) -> None:
    _, call = await dial(live, pages)
    sent_s = time.monotonic()
    await call.say(beep(0.4), "one")
    await call.say(beep(0.6), "two")
    await pages.until(lambda: len(call.of_type("mark")) == 2)
    one, two = call.of_type("mark")
    assert (one["name"], two["name"]) == ("one", "two")
    assert one["at_s"] - sent_s >= 0.4
    assert two["at_s"] - sent_s >= 1.0


async def test_a_short_sound_and_a_bare_mark_are_not_held_back(live: Any, pages: Any) -> None:
    _, call = await dial(live, pages)
    await call.tell(type="mark", name="bare")
    await call.say(beep(0.02), "short")
    await pages.until(lambda: [mark["name"] for mark in call.of_type("mark")] == ["bare", "short"])


async def test_clear_empties_the_buffer_and_returns_its_marks_at_once(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    await call.say(beep(30), "long")
    await pages.until(lambda: page.locator("#theirs").evaluate("meter => meter.value > 0.3"))
    assert call.of_type("mark") == []
    await call.tell(type="clear")
    await pages.until(lambda: call.of_type("mark"))  # 30 s of sound were not played
    await pages.until(lambda: page.locator("#theirs").evaluate("meter => meter.value === 0"))
    await call.say(beep(0.2), "next")
    await pages.until(lambda: [mark["name"] for mark in call.of_type("mark")] == ["long", "next"])


async def test_keys_of_the_page_and_of_the_keyboard_are_sent(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    await page.get_by_role("button", name="5", exact=True).click()
    await page.keyboard.press("#")
    await pages.until(lambda: [frame["digit"] for frame in call.of_type("dtmf")] == ["5", "#"])


async def test_words_appear_and_a_hostile_one_stays_text(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    words = page.locator("#words li")
    await call.tell(type="transcript", speaker="caller", text="a che", at_ms=900, is_final=False)
    await words.filter(has_text="a che").wait_for()
    xss = live.house.xss
    await call.tell(type="transcript", speaker="caller", text=xss, at_ms=1200, is_final=True)
    await call.tell(type="transcript", speaker="bot", text="Siamo aperti.", at_ms=2100, is_final=True)
    await words.filter(has_text="Siamo aperti.").wait_for()
    assert await words.count() == 2  # the partial is gone
    assert await words.nth(0).locator("p").text_content() == xss
    assert await page.locator("#words script, #words img").count() == 0
    assert "pwned" not in await page.title()


async def test_hanging_up_stops_the_microphone(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    await pages.until(lambda: call.pcm)
    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_text("Chiamata conclusa: ha riagganciato chi chiamava").wait_for()
    await pages.until(lambda: call.closed)
    assert len(call.of_type("stop")) == 1
    await page.get_by_role("button", name="Chiama", exact=True).click()
    await pages.until(lambda: len(live.calls) == 2)  # and one can call again


async def test_a_muted_microphone_sends_silence(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    await pages.until(lambda: call.pcm)
    await page.get_by_role("button", name="Silenzia il microfono").click()
    await asyncio.sleep(0.5)
    before = len(call.pcm)
    await pages.until(lambda: len(call.pcm) > before + RATE_HZ)
    assert max(map(abs, np.frombuffer(bytes(call.pcm[before:]), "<i2").tolist())) == 0


async def test_who_mutes_or_hangs_up_before_the_call_stands_is_muted_or_gone(live: Any, pages: Any) -> None:
    page = await (await pages.context()).new_page()
    await page.goto(f"{live.url}/call")
    asked, go = asyncio.Event(), asyncio.Event()

    async def later(route: Any) -> None:
        asked.set()
        await go.wait()
        await route.continue_()

    await page.route("**/api/browser-calls", later)
    await page.get_by_role("button", name="Chiama", exact=True).click()
    await asked.wait()
    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_text("Chiamata conclusa: ha riagganciato chi chiamava").wait_for()
    asked.clear()
    await page.get_by_role("button", name="Chiama", exact=True).click()
    await page.get_by_role("button", name="Silenzia il microfono").click()
    await asked.wait()
    go.set()
    call = await pages.until(lambda: live.calls and live.calls[0])
    await pages.until(lambda: len(call.pcm) > RATE_HZ)
    assert not any(call.pcm)
    assert len(live.calls) == 1, "who hung up before is not connected afterwards"


async def test_the_server_ending_a_call_is_told_from_a_broken_connection(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    await call.tell(type="ended", reason="bot_ended")
    await call.socket.close(1000)
    await page.get_by_text("Chiamata conclusa: ha concluso il bot").wait_for()
    assert await page.locator("#trouble").is_hidden()
    await page.get_by_role("button", name="Chiama", exact=True).click()
    second = await pages.until(lambda: len(live.calls) == 2 and live.calls[1])
    await page.get_by_text("In linea").wait_for()
    await second.socket.close(1011)
    await page.get_by_text("La connessione con il server si è interrotta.").wait_for()


async def test_a_broken_connection_is_resumed_with_the_call(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    await call.say(beep(20), "long")
    await call.tell(type="transcript", speaker="bot", text="Siamo aperti.", at_ms=2100, is_final=True, seq=7)
    await page.locator("#words li").filter(has_text="Siamo aperti.").wait_for()
    live.cut()
    again = await pages.until(lambda: len(live.calls) == 2 and live.calls[1])
    await page.get_by_text("In linea").wait_for()
    await pages.until(lambda: len(again.pcm) > RATE_HZ)
    assert again.of_type("start") == []
    assert [mark["name"] for mark in again.of_type("mark")] == ["long"]  # what was on its way is not played
    await again.tell(type="transcript", speaker="bot", text="Siamo aperti.", at_ms=2100, is_final=True, seq=7)
    await again.tell(type="transcript", speaker="bot", text="Altro?", at_ms=9000, is_final=True, seq=9)
    await page.locator("#words li").filter(has_text="Altro?").wait_for()
    assert await page.locator("#words li").count() == 2
    live.cut()  # and once more, with the token that this connection told
    third = await pages.until(lambda: len(live.calls) == 3 and live.calls[2])
    await page.get_by_text("In linea").wait_for()
    assert third.resumes
    await page.get_by_role("button", name="Riaggancia").click()
    await pages.until(lambda: third.of_type("stop"))
    await page.get_by_text("Chiamata conclusa: ha riagganciato chi chiamava").wait_for()


async def test_while_the_connection_is_lost_the_page_says_so_and_one_can_hang_up(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    told = call.resume
    call.resume = "another"  # the server knows the page's token no more
    live.cut()
    await page.get_by_text("Connessione persa: nuovo collegamento…").wait_for()
    assert await page.get_by_role("button", name="5", exact=True).is_disabled()
    await pages.until(lambda: len(live.calls) > 2)  # it goes on trying
    await page.get_by_role("button", name="Riaggancia").click()
    await page.get_by_text("Chiamata conclusa").wait_for()
    await pages.until(lambda: live.hung_up == [told])  # the server need not wait for the page
    assert await page.get_by_role("button", name="Chiama", exact=True).is_visible()
    assert all("resume=" in error and "403" in error for error in pages.errors)  # the browser's own words for each try
    pages.errors.clear()


ASKED = """
  window.asked = [];
  const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (real) navigator.mediaDevices.getUserMedia = (wanted) => (window.asked.push(wanted.audio), real(wanted));
"""


async def test_the_microphone_and_the_speaker_are_chosen_and_the_choice_is_kept(live: Any, pages: Any) -> None:
    context = await pages.context()
    await context.add_init_script(ASKED)
    page = await context.new_page()
    await page.goto(f"{live.url}/call")
    await page.get_by_role("button", name="Chiama", exact=True).click()
    await page.get_by_text("In linea").wait_for()
    call = live.calls[-1]
    first = (await page.evaluate("asked"))[0]
    assert (first["echoCancellation"], first["noiseSuppression"], "deviceId" in first) == (True, True, False)
    await page.get_by_text("Microfono e altoparlante").click()
    for name in ("microphone", "speaker"):
        options = page.locator(f"#{name} option")
        await options.nth(1).wait_for(state="attached")
        names = await options.all_text_contents()
        assert names[0] == "Scelto dal browser"
        assert all(names)
        await page.locator(f"#{name}").select_option(index=1)
    wanted = await page.locator("#microphone").input_value()
    assert wanted
    await page.get_by_role("button", name="Silenzia il microfono").click()
    await pages.until(lambda: page.evaluate("asked.length > 1"))
    changed = (await page.evaluate("asked"))[-1]
    assert (changed["deviceId"], changed["echoCancellation"]) == ({"ideal": wanted}, True)
    await asyncio.sleep(0.5)
    before = len(call.pcm)
    await pages.until(lambda: len(call.pcm) > before + RATE_HZ)
    assert not any(call.pcm[before:])  # muted stays muted with another microphone
    await page.get_by_role("button", name="Riattiva il microfono").click()
    await pages.until(lambda: any(call.pcm[-RATE_HZ:]))
    page.on("dialog", lambda dialog: dialog.accept())
    await page.reload()
    await page.get_by_text("Microfono e altoparlante").click()
    await pages.until(lambda: page.locator("#microphone").evaluate("(select, id) => select.value === id", wanted))


async def test_the_level_of_both_voices_is_shown(live: Any, pages: Any) -> None:
    page, call = await dial(live, pages)
    await pages.until(lambda: page.locator("#mine").evaluate("meter => meter.value > 0.3"))
    await call.say(beep(3), "beep")
    await pages.until(lambda: page.locator("#theirs").evaluate("meter => meter.value > 0.3"))


UNNAMED = """() => [...document.querySelectorAll("button, select, input, meter, a, [role]")]
  .filter((one) => one.checkVisibility() && !one.matches("[role=status], [role=alert], [role=log]"))
  .filter((one) => !(one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent || "").trim())
  .map((one) => one.outerHTML)"""
SMALL = """() => [...document.querySelectorAll("main button, main select, main summary")]
  .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML)"""


async def test_on_a_phone_in_english_every_control_has_a_name_and_room_for_a_finger(live: Any, pages: Any) -> None:
    context = await pages.context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = await context.new_page()
    await page.goto(f"{live.url}/call")
    await page.get_by_role("button", name="Switch to English").click()
    await page.get_by_role("button", name="Call", exact=True).tap()
    await page.get_by_text("On the line").wait_for()
    await page.get_by_text("Microphone and speaker").tap()
    await page.get_by_role("button", name="5", exact=True).tap()
    await pages.until(lambda: live.calls[-1].of_type("dtmf"))
    assert await page.evaluate(UNNAMED) == []
    assert await page.evaluate(SMALL) == []
    assert await page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


async def test_a_call_is_placed_and_ended_by_the_keyboard_alone(live: Any, pages: Any) -> None:
    context = await pages.context()
    page = await context.new_page()
    await page.goto(f"{live.url}/call")
    await page.locator("#dial:enabled").focus()  # it is disabled until the lines are known
    await page.keyboard.press("Enter")
    await page.get_by_text("In linea").wait_for()
    await pages.until(lambda: page.evaluate("document.activeElement.id === 'hang-up'"))
    await page.keyboard.press("Enter")
    await page.get_by_text("Chiamata conclusa: ha riagganciato chi chiamava").wait_for()
    await pages.until(lambda: page.evaluate("document.activeElement.id === 'dial'"))


async def test_a_refused_microphone_is_explained(live: Any, pages: Any) -> None:
    context = await pages.context()
    page = await context.new_page()
    # The fake device always agrees, so the browser's own refusal is put in its place.
    await page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }"
    )
    await page.goto(f"{live.url}/call")
    await page.get_by_role("button", name="Chiama", exact=True).click()
    await page.get_by_text("Il browser non ha il permesso di usare il microfono.").wait_for()
    assert live.calls == []
    assert await page.get_by_role("button", name="Chiama", exact=True).is_enabled()


async def test_resampling_keeps_the_pitch_and_removes_what_would_fold_back(live: Any, pages: Any) -> None:
    context = await pages.context()
    page = await context.new_page()
    await page.goto(f"{live.url}/call")
    script = """async ([from, to, hz]) => {
        const { Resampler } = await import("/web/audio/resampling.js");
        const input = Float32Array.from({ length: from }, (_, n) => Math.sin(2 * Math.PI * hz * n / from));
        const resampler = new Resampler(from, to);
        const parts = [];
        for (let at = 0; at < input.length; at += 128) parts.push(...resampler.process(input.subarray(at, at + 128)));
        return parts;
    }"""
    for rate_from, rate_to in ((48000, 16000), (44100, 16000), (16000, 48000), (16000, 44100)):
        kept = np.array(await page.evaluate(script, [rate_from, rate_to, 1000]))
        assert abs(len(kept) - rate_to) < 0.01 * rate_to
        middle = kept[rate_to // 10 :]
        pure = np.sin(2 * math.pi * 1000 * np.arange(rate_to // 10, len(kept)) / rate_to)
        assert np.max(np.abs(middle - pure)) < 0.01
    folded = np.array(await page.evaluate(script, [48000, 16000, 10_000]))
    assert np.max(np.abs(folded[1600:])) < 0.01
