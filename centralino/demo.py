"""The demo: four calls to a running server, with real voices over the real protocols.

An Italian question answered from the articles, an Italian caller handed to a (scripted) operator, a Korean caller on
the browser door, an English question. What the server wrote into its history is the result.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import statistics
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

import samples
from centralino.calling import (
    CallRefused,
    CallResult,
    Clip,
    Credentials,
    ExpectHangUp,
    Move,
    OperatorResult,
    Say,
    Script,
    Silence,
    WaitFor,
    WaitForQuiet,
    load_clip,
    place_call,
    run_operator,
)
from centralino.settings import Settings
from console.accounts import Accounts

CALLERS = Path(samples.__file__).parent / "bookshop" / "callers"
OPERATOR = "operatore-demo"
POLL_S = 0.3
ENDED_S = 10.0

ShowTurn = Callable[[str, str, str], None]
"""(line, speaker, text): a turn of the running call."""


class DemoFailed(RuntimeError):
    """A call of the demo did not go as it must; says which and why."""


@dataclass(frozen=True)
class Demonstrated:
    """One call: what the server's history has of it, and what the far ends saw."""

    title: str
    interaction: dict[str, Any]
    transcript: list[dict[str, Any]]
    caller: CallResult
    operator: OperatorResult | None

    def to_json(self) -> dict[str, Any]:
        turns = self.transcript
        articles = [turn["article"] for turn in turns if turn.get("article")]
        shown: dict[str, Any] = {
            "line": self.interaction["line"],
            "language": self.interaction["language"],
            "recognizer": self.interaction["recognizer"],
            "door": self.interaction["door"],
            "transcript": [{"speaker": t["speaker"], "text": t["text"], "at_ms": t["start_ms"]} for t in turns],
            "outcome": self.interaction["outcome"],
            "ended_because": self.interaction["end_reason"],
            "turn_latency_ms": [turn["latency_ms"] for turn in turns if turn.get("latency_ms") is not None],
            "heard_latency_ms": [round(latency) for latency in self.caller.turn_latency_ms],
            "call_id": self.interaction["id"],
        }
        if articles:
            shown["article"] = articles[0]
        if self.operator:
            shown["handoff"] = {
                "queue": self.operator.offer.queue,
                "operator": self.operator.operator,
                "transcript_turns": len(self.operator.offer.transcript),
            }
        return shown


def clips() -> dict[str, Clip]:
    """The sample callers' clips by id."""
    manifest = json.loads((CALLERS / "manifest.json").read_text(encoding="utf-8"))
    entries = manifest if isinstance(manifest, list) else manifest["clips"]
    return {entry["id"]: load_clip(CALLERS / entry["file"], text=entry["text"]) for entry in entries}


async def demonstrate(server_url: str, settings: Settings, show: ShowTurn, short: bool = False) -> list[Demonstrated]:
    """Place the four calls one after the other; the first alone when short. Raises DemoFailed and CallRefused."""
    said = clips()
    async with _demo_operator(settings) as credentials, _reader(server_url, credentials) as history:
        demo = _Demo(server_url, settings, show, history, credentials)
        calls = [
            await demo.call(
                "Italian, answered from the articles",
                "libreria",
                "twilio",
                (WaitForQuiet(), Say(said["it_orari"]), WaitForQuiet(), Say(said["it_niente"]), ExpectHangUp()),
            )
        ]
        if not short:
            calls.append(await demo.handed_over(said))
            korean = (WaitForQuiet(), Say(said["ko_hours"]), WaitForQuiet())
            calls.append(await demo.call("Korean, understood by Vosk", "seojeom", "browser", korean))
            english = (WaitForQuiet(), Say(said["en_open"]), WaitForQuiet())
            calls.append(await demo.call("English, answered from the articles", "bookshop", "twilio", english))
        return calls


class _Demo:
    def __init__(
        self, server_url: str, settings: Settings, show: ShowTurn, history: httpx.AsyncClient, credentials: Credentials
    ) -> None:
        self._url, self._settings, self._show, self._history, self._credentials = (
            server_url, settings, show, history, credentials,
        )  # fmt: skip

        self._turns: list[str] = []

    async def call(self, title: str, line: str, door: str, moves: Sequence[Move]) -> Demonstrated:
        caller = f"+39051{secrets.randbelow(10**7):07}"
        watching = asyncio.create_task(self._watch(line, caller))
        try:
            result = await place_call(
                self._url,
                door=door,
                line=line,
                script=Script(tuple(moves)),
                twilio_auth_token=self._settings.auth_token() if door == "twilio" else None,
                caller=caller,
                public_url=self._settings.public_url,
            )
            if result.outcome in ("script_failed", "lost") or result.protocol_errors:
                why = result.outcome_why or "; ".join(result.protocol_errors)
                last = " / ".join(self._turns[-4:])
                raise DemoFailed(f"{title}: {result.outcome}: {why}. The last that was said: {last}")
            try:
                async with asyncio.timeout(ENDED_S):
                    detail = await watching
            except TimeoutError:
                raise DemoFailed(f"{title}: the history has no end of this call (the server's log says why)") from None
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
        return Demonstrated(title, detail["interaction"], detail["transcript"], result, None)

    async def handed_over(self, said: dict[str, Clip]) -> Demonstrated:
        connected = asyncio.Event()
        operator = asyncio.create_task(
            run_operator(
                self._url,
                ticket_or_credentials=self._credentials,
                script=Script(
                    (Say(said["op_it_1"]), WaitForQuiet(1500), Say(said["op_it_2"]), Silence(1500))
                ),
                observer=lambda happening: connected.set() if happening.kind == "connected" else None,
            )
        )  # fmt: skip
        moves = (
            WaitForQuiet(),
            Say(said["it_operatore"]),
            WaitFor(connected.is_set, "an operator was connected", timeout_ms=45_000),
            WaitForQuiet(1200),
            Say(said["it_mi_chiamo"]),
            ExpectHangUp(60_000),
        )
        try:
            call = await self.call("Italian, handed to an operator", "libreria", "twilio", moves)
            async with asyncio.timeout(20):
                result = await operator
        finally:
            operator.cancel()
            with suppress(asyncio.CancelledError, CallRefused):
                await operator
        if not result.offer.transcript:
            raise DemoFailed("Italian, handed to an operator: the operator was given no transcript")
        return Demonstrated(call.title, call.interaction, call.transcript, call.caller, result)

    async def _watch(self, line: str, caller: str) -> dict[str, Any]:
        """Show the call's turns as they enter the history; its whole record once it has ended."""
        seen = 0
        call_id = ""
        while True:
            await asyncio.sleep(POLL_S)
            if not call_id:
                page = (await self._history.get("/api/interactions", params={"line": line, "limit": 5})).json()
                mine = [row["id"] for row in page["interactions"] if row["caller"] == caller]
                call_id = mine[0] if mine else ""
                continue
            events = (await self._history.get(f"/api/interactions/{call_id}/events", params={"after": seen})).json()
            for event in events:
                if event["type"] == "transcript":
                    speaker, text = event["payload"]["speaker"], event["payload"]["text"]
                    self._turns.append(f"{speaker}: {text}")
                    self._show(line, speaker, text)
            seen = events[-1]["seq"] if events else seen
            if any(event["type"] == "call.ended" for event in events):
                detail: dict[str, Any] = (await self._history.get(f"/api/interactions/{call_id}")).json()
                return detail


@asynccontextmanager
async def _demo_operator(settings: Settings) -> AsyncIterator[Credentials]:
    """An operator's account with a fresh random password, which is good only while the demo runs."""
    accounts = await Accounts.open(settings.accounts_path)
    try:
        if await accounts.find(OPERATOR):
            await accounts.set_disabled(OPERATOR, False)
            link = await accounts.new_link(OPERATOR)
        else:
            link = await accounts.create_account(OPERATOR, "Operatore (demo)", ["operator"])
        password = secrets.token_urlsafe(18)
        if await accounts.set_password(link.token, password) is None:
            raise DemoFailed("the demo's operator could not be given a password")
        yield Credentials(OPERATOR, password)
        await accounts.set_disabled(OPERATOR, True)
    finally:
        await accounts.close()


@asynccontextmanager
async def _reader(server_url: str, credentials: Credentials) -> AsyncIterator[httpx.AsyncClient]:
    """A signed-in client that reads the history."""
    async with httpx.AsyncClient(base_url=server_url, timeout=15, trust_env=False) as client:
        answer = await client.post("/api/sign-in", json={"name": credentials.name, "password": credentials.password})
        if answer.status_code != 200:
            raise DemoFailed(f"the demo's operator could not sign in: {answer.status_code} {answer.text[:200]}")
        yield client


def summary(calls: Sequence[Demonstrated]) -> str:
    """One line about the latencies."""
    latencies = [latency for call in calls for latency in call.to_json()["turn_latency_ms"]]
    median = f"{statistics.median(latencies):.0f} ms" if latencies else "none"
    return f"{len(calls)} calls; from the caller's last word to the first sound of the answer: median {median}"
