"""`centralino bench`: the figures of the docs, made on this machine."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from centralino.bench import asr as asr_bench
from centralino.bench import calls as calls_bench
from centralino.bench import consoles as consoles_bench
from centralino.bench import handoff as handoff_bench
from centralino.bench import latency, turn_script
from centralino.bench import pages as pages_bench
from centralino.bench import recognition as recognition_bench
from centralino.bench import recording as recording_bench
from centralino.bench import speaking as speaking_bench
from centralino.bench import turns as turns_bench
from centralino.bench.calls_report import CallsFigures
from centralino.commands import history_benches
from centralino.commands.console import err, out, said_plainly
from centralino.company import load_company
from centralino.logs import set_up_logs
from centralino.settings import load_settings
from voice.models import ModelStore

app = typer.Typer(help="Measure: calls at once, recognition, turns, latency, voices, history.", no_args_is_help=True)

app.command("history")(history_benches.measure_history)
app.command("survival")(history_benches.measure_survival)
app.command("timeline")(history_benches.measure_reads)
app.command("kpis")(history_benches.measure_kpis)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("latency")
def measure_latency(
    runs: Annotated[int, typer.Option(min=1, max=100, help="Calls on each line.")] = 5, as_json: AsJson = False
) -> None:
    """From a caller's last word to the first sound of a cached answer, one call at a time."""
    set_up_logs("text", "error")
    with said_plainly():
        figures = asyncio.run(latency.run(load_settings(), runs, lambda text: err.print(f"[dim]{text}[/dim]")))
    if as_json:
        print(json.dumps({"lines": [line.to_json() for line in figures]}))
        return
    table = Table("line", "engine", "turns", "p50", "worst", "heard p50", "baseline p50", "loop p99", "loop worst")
    for line in figures:
        cells = (line.turns, line.server_p50, line.server_worst, line.heard_p50, line.baseline_p50, line.loop_p99)
        table.add_row(line.line, line.engine, *(f"{cell:g}" for cell in cells), f"{line.loop_worst:g}")
    out.print(table)
    out.print("milliseconds; loop: how late the server's event loop ran while these calls were answered")


@app.command("handoff")
def measure_handoff(
    runs: Annotated[int, typer.Option(min=1, max=100, help="Calls on each line.")] = 10, as_json: AsJson = False
) -> None:
    """From the wish for a person to two voices: the offer, the sound, the words, a console that comes back. Exit code 1
    when a turn was missing or somebody was not told who has the call."""
    set_up_logs("text", "error")
    with said_plainly():
        figures = asyncio.run(handoff_bench.run(load_settings(), runs, lambda text: err.print(f"[dim]{text}[/dim]")))
    if as_json:
        print(json.dumps({"lines": [line.to_json() for line in figures]}))
    else:
        table = Table("line", "calls", "", "p50 ms", "p95 ms", "worst ms")
        for line in figures:
            for name in handoff_bench.STEPS:
                spread = getattr(line, name)
                cells = (f"{spread.p50:g}", f"{spread.p95:g}", f"{spread.worst:g}")
                table.add_row(line.line, str(line.runs), name, *cells)
        out.print(table)
        for line in figures:
            out.print(f"{line.line}: {line.gaps} turns missing after a cut, {line.unnamed} late clicks without a name")
    if any(line.gaps or line.unnamed for line in figures):
        raise typer.Exit(1)


@app.command("consoles")
def measure_consoles(
    consoles: Annotated[int, typer.Option(min=3, max=200, help="Open at once.")] = 100,
    calls: Annotated[int, typer.Option(min=1, max=60, help="Calls at once, each with an operator.")] = 20,
    seconds: Annotated[float, typer.Option(min=5, help="With all reading; and as long with some that do not.")] = 60,
    as_json: AsJson = False,
) -> None:
    """Many consoles while calls run: how far behind their words are, and whether one that stops reading delays the
    others. Exit code 1 when one that read was not told something."""
    set_up_logs("text", "error")
    with said_plainly():
        figures = asyncio.run(
            consoles_bench.run(load_settings(), calls, consoles, seconds, lambda text: err.print(f"[dim]{text}[/dim]"))
        )
    if as_json:
        print(json.dumps(figures.to_json()))
    else:
        table = Table("words at the consoles", "p50 ms", "p95 ms", "p99 ms", "worst ms")
        late = ("lateness of the bench's own loop", figures.own_late)
        stuck = (f"{figures.stuck} stopped reading", figures.some_stuck)
        for name, spread in (("all read", figures.all_read), stuck, late):
            table.add_row(name, f"{spread.p50:g}", f"{spread.p95:g}", f"{spread.p99:g}", f"{spread.worst:g}")
        out.print(table)
        out.print(
            f"{figures.calls} calls, {figures.consoles} consoles: told {figures.told} times, {figures.lost} lost; "
            f"the server's event loop: 99 % at most {figures.server_late_p99_ms:g} ms late"
        )
    if figures.lost:
        raise typer.Exit(1)


@app.command("pages")
def measure_pages(
    runs: Annotated[int, typer.Option(min=1, max=100, help="Times that each page is opened.")] = 5,
    as_json: AsJson = False,
) -> None:
    """How soon the console's pages can be used in Chromium, nothing cached, and how much script they load. Needs
    Chromium and the package playwright."""
    set_up_logs("text", "error")
    with said_plainly():
        figures = asyncio.run(pages_bench.run(load_settings(), runs, lambda text: err.print(f"[dim]{text}[/dim]")))
    if as_json:
        print(json.dumps({"pages": [page.to_json() for page in figures]}))
        return
    table = Table("/console/", "usable p50 ms", "worst ms", "script, kB zipped")
    for page in figures:
        table.add_row(page.address, f"{page.usable_ms.p50:g}", f"{page.usable_ms.worst:g}", f"{page.script_kb:g}")
    out.print(table)


@app.command("turns")
def measure_turns(
    development: Annotated[
        bool, typer.Option("--development", help="The half of the script that thresholds are chosen on.")
    ] = False,
    prosody: Annotated[
        bool,
        typer.Option(help="Listen to prosody where its model was fetched (centralino models fetch smart-turn-v3.2)."),
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Whether callers are cut off or kept waiting, on scripted speech; beside a fixed silence in the same run."""
    name = "development" if development else "reported"
    script = turn_script.development() if development else turn_script.reported()
    set_up_logs("text", "error")
    with said_plainly():
        figures = asyncio.run(
            turns_bench.run(load_settings(), name, script, prosody, lambda text: err.print(f"[dim]{text}[/dim]"))
        )
    if as_json:
        print(json.dumps(figures.to_json()))
        return
    table = Table("rule", "kind of turn", "turns", "cut off %", "dead air %", "settled p50 ms", "p95 ms")
    for rule, rows in (("by the words", figures.rule), (f"fixed {turns_bench.FIXED_MS} ms", figures.fixed)):
        for row in rows:
            cells = (row.turns, row.cut_offs, row.dead_air, row.settled_p50, row.settled_p95)
            table.add_row(rule, row.kind, *("-" if cell is None else f"{cell:g}" for cell in cells))
    out.print(table)
    over = figures.talking_over
    out.print(f"coughs, 'mhm' and 'sì' over an answer: {over.false_barge_ins} of {over.sounds} ended it")
    out.print(f"wishes over an answer: {over.missed} of {over.wishes} did not end it")
    out.print(f"from the caller's voice to silence: p50 {over.silent_p50} ms, worst {over.silent_worst} ms")
    for fault in (*figures.faults, *over.faults):
        out.print(f"  {fault}", markup=False)


@app.command("speaking")
def measure_speaking(
    engine: Annotated[
        list[str] | None, typer.Option(help="pyttsx3, kokoro, piper, ... (may be repeated); default: all there are.")
    ] = None,
    runs: Annotated[int, typer.Option(min=1, max=100, help="Uncached prompts of each engine.")] = 5,
    as_json: AsJson = False,
) -> None:
    """From the dialog's decision to the first sound: cached and not, for each voice engine, in a real call."""
    set_up_logs("text", "error")
    chance = random.Random()  # noqa: S311 - numbers that no cache has, not secrets
    with said_plainly():
        figures = asyncio.run(
            speaking_bench.run(
                load_settings(), engine or [], runs, chance, lambda text: err.print(f"[dim]{text}[/dim]")
            )
        )
    if as_json:
        print(json.dumps(figures.to_json()))
        return
    table = Table("engine", "", "p50 ms", "p95 ms", "worst ms")
    for each in figures.engines:
        for name, spread in each.spreads().items():
            table.add_row(
                f"{each.engine} ({each.language})", name, f"{spread.p50:g}", f"{spread.p95:g}", f"{spread.worst:g}"
            )
    out.print(table)
    for why in figures.missing:
        out.print(f"not measured: {why}", markup=False, soft_wrap=True)


@app.command("calls")
def measure_calls(
    line: Annotated[str, typer.Option(help="Line of the company whose language and recognizer are measured.")],
    calls: Annotated[int, typer.Option(min=1, max=1000, help="Calls at once.")] = 8,
    minutes: Annotated[float, typer.Option(min=0.1, max=600, help="After all callers have called.")] = 1.0,
    speech: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help="Recordings and their transcripts.tsv; default: the sample callers."
        ),
    ] = None,
    door: Annotated[str, typer.Option(help="twilio (8 kHz, as a phone) or browser (16 kHz).")] = "twilio",
    seed: Annotated[int, typer.Option(help="Decides what the callers do.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Calls at once: turn latency, late sound, what waits, processor and memory. Exit code 1 when not good."""
    wanted = calls_bench.Wanted(calls, line, minutes, door, speech, seed)
    set_up_logs("text", "error")
    with said_plainly():
        figures = asyncio.run(calls_bench.run(load_settings(), wanted, lambda text: err.print(f"[dim]{text}[/dim]")))
    if as_json:
        print(json.dumps(figures.to_json(), ensure_ascii=False))
    else:
        _show_calls(figures)
    if not figures.good:
        raise typer.Exit(1)


def _show_calls(figures: CallsFigures) -> None:
    table = Table("", "p50", "p95", "p99", "worst", title=f"{figures.calls} calls, {figures.door}, {figures.engine}")
    spreads = {
        "turn latency": figures.turn_ms,
        "barge-in to silence": figures.barge_in_ms,
        "recognizer's backlog": figures.recognizer_ms,
    }
    for name, spread in spreads.items():
        table.add_row(f"{name}, ms", *(f"{value:.0f}" for value in asdict(spread).values()))
    table.add_row("event loop late, ms", "", "", f"{figures.loop_p99_ms:g}", f"{figures.loop_worst_ms:g}")
    out.print(table)
    costs = figures.costs
    out.print(
        f"{figures.placed} calls placed, {figures.refused} refused, {figures.broken} broken; {figures.turns} turns, "
        f"{figures.unanswered} unanswered, {figures.cut_off} cut off; {figures.late_sound} gaps in the bot's speech; "
        f"callers spoke {figures.speaking_share:.0%} of the time"
    )
    out.print(
        f"processors busy: server {costs.server_cores:g}, recognizers {costs.recognizer_cores:g}, "
        f"speech {costs.speech_cores:g}, callers {costs.generator_cores:g}, other programs {costs.others_cores:g} "
        f"of {figures.cores}; a call: {figures.cores_per_call:g}"
    )
    out.print(
        f"memory: {costs.peak_pss_mb:.0f} MB (idle {costs.idle_pss_mb:.0f}); a further call: {figures.mb_per_call:g} MB"
    )
    for word, reasons in (("does not count", figures.doubts), ("not good", figures.shortcomings)):
        for reason in reasons:
            out.print(f"[red]{word}:[/red] {reason}")
    if figures.good:
        out.print(f"[green]good[/green]: callers were on time (p99 {figures.generator_late_ms:g} ms late)")


@app.command("recording")
def measure_recording(as_json: AsJson = False) -> None:
    """What recording a call costs, and how well its two channels keep apart."""
    figures = list(recording_bench.run())
    if as_json:
        print(json.dumps([asdict(one) for one in figures]))
        return
    table = Table("compression", "kbit/s", "MB an hour", "% of a core", "apart, dB")
    for one in figures:
        table.add_row(*(f"{value:g}" for value in asdict(one).values()))
    out.print(table)


@app.command("sip")
def measure_sip(
    calls: Annotated[int, typer.Option(min=2, max=1000, help="Calls at once.")] = 50, as_json: AsJson = False
) -> None:
    """Calls at once through the SIP door by SIPp, keys and hang-ups only, nobody listening. Exit code 1 when not good.

    Needs the extra `sip`, and sipp (Debian: sip-tester).
    """
    from centralino.bench import sip as sip_bench  # the extra is needed for nothing else here

    set_up_logs("text", "error")
    with said_plainly():
        figures = asyncio.run(sip_bench.run(calls))
    if as_json:
        print(json.dumps(figures.to_json()))
    else:
        out.print(
            f"{figures.calls} calls in {figures.seconds:g} s: {figures.keys} of {figures.keys_pressed} keys, "
            f"ends {figures.ends}; {figures.cores:g} cores"
        )
        out.print(
            f"event loop late: p99 {figures.loop_p99_ms:g} ms, worst {figures.loop_worst_ms:g} ms; "
            f"pacing of sound: worst {figures.pacing_worst_ms:g} ms"
        )
        for complaint in figures.complaints:
            err.print(complaint, markup=False)
    if not figures.good:
        raise typer.Exit(1)


@app.command("webrtc")
def measure_webrtc(as_json: AsJson = False) -> None:
    """How long 20 ms of an operator's voice over WebRTC hold the event loop up. Needs the extra `webrtc`."""
    from centralino.bench import webrtc as webrtc_bench  # the extra is needed for nothing else here

    figures = webrtc_bench.run()
    if as_json:
        print(json.dumps(asdict(figures)))
        return
    out.print(f"20 ms coded: {figures.encode_p50_ms:g} ms, p99 {figures.encode_p99_ms:g} ms; {figures.kbit_s:g} kbit/s")
    out.print(f"20 ms decoded: {figures.decode_p50_ms:g} ms, p99 {figures.decode_p99_ms:g} ms")
    out.print(f"a call: {figures.cpu_percent:g}% of one core for the codec, both directions")


@app.command("recognition")
def measure_recognition(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Recordings and their transcripts.tsv.")
    ],
    language: Annotated[str, typer.Option(help="Of the speech.")] = "ko",
    engine: Annotated[str, typer.Option(help="vosk or whisper; what the language has by default.")] = "",
    line: Annotated[str, typer.Option(help="A line of the company, whose expected words correct what is heard.")] = "",
    only: Annotated[str, typer.Option(help="Conditions with this in their name.")] = "",
    as_json: AsJson = False,
) -> None:
    """Recognition by phone under noise and at wrong levels: as it comes, with what is done against it, with hints."""
    set_up_logs("text", "error")
    settings = load_settings()
    with said_plainly():
        hints = load_company(settings.company).lines.get(line).hints if line else None
        figures = asyncio.run(
            recognition_bench.run(
                ModelStore(settings.cache_dir),
                folder,
                language=language,
                engine=engine or None,
                hints=hints,
                only=only,
                say=lambda text: err.print(f"[dim]{text}[/dim]"),
            )
        )
    if as_json:
        print(json.dumps(figures.to_json(), ensure_ascii=False))
        return
    table = Table("by phone", "as it comes", "conditioned", "with hints", title=f"CER of {figures.model}")
    for row in figures.conditions:
        hinted = "" if row.hinted is None else f"{row.hinted:.3f}"
        table.add_row(row.condition, f"{row.as_it_comes:.3f}", f"{row.conditioned:.3f}", hinted)
    out.print(table)
    for noise in figures.noises:
        out.print(f"{noise.noise} noise alone, 8 s: {noise.turns} turns, {noise.letters} letters")
    out.print(f"conditioning: {figures.noisy_core:.2%} of a core while the caller speaks on a line that hisses")
    out.print(f"on a clean one {figures.clean_core:.3%}")


@app.command("asr")
def measure_asr(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Recordings and their transcripts.tsv.")
    ],
    language: Annotated[str, typer.Option(help="Of the speech; a Vosk model of it has to be here.")] = "ko",
    streams: Annotated[int, typer.Option(min=1, max=200, help="Streams of continuous speech at once.")] = 4,
    seconds: Annotated[float, typer.Option(min=5, max=3600, help="Length of each stream.")] = 30.0,
    runs: Annotated[int, typer.Option(min=1, max=20, help="Of the streams; their medians are shown.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Vosk on recorded speech: errors wideband, by phone, with the band put back; speed beside a bare Vosk loop."""
    set_up_logs("text", "error")
    with said_plainly():
        figures = asr_bench.run(
            ModelStore(load_settings().cache_dir),
            folder,
            language=language,
            streams=streams,
            seconds=seconds,
            runs=runs,
            say=lambda text: err.print(f"[dim]{text}[/dim]"),
        )
    if as_json:
        print(json.dumps(figures.to_json(), ensure_ascii=False))
        return
    table = Table("file", "seconds", "16 kHz", "phone", "phone, band put back", title=f"CER of {figures.model}")
    for file in figures.files:
        errors = (file.wide, file.phone, file.repaired)
        table.add_row(file.file, f"{file.seconds:g}", *(f"{error:.3f}" for error in errors))
    table.add_row("median", "", *(f"{figures.median(kind):.3f}" for kind in ("wide", "phone", "repaired")))
    out.print(table)
    share, delay_ms = figures.stage_core, figures.stage_delay_ms
    out.print(f"putting the band back: {share:.1%} of a core for a call, at most {delay_ms} ms later")
    at_once = figures.streams
    out.print(
        f"{at_once.streams} streams at once: {at_once.ours:g} s of speech a second, "
        f"the bare loop {at_once.bare:g}: ratio {at_once.ratio:.2f}"
    )
