"""Many callers in a process of its own: reads a plan from standard input, calls, prints what came of it.

Started by the bench as `python -m centralino.bench.callers`, which says a line when it can take its plan. The clips
come as wav files at the door's rate, so that nothing is resampled while frames are due.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from centralino.bench.answering_company import MOST_TURNS
from centralino.bench.chatting import Chat
from centralino.calling import CallRefused, CallResult, Clip, Script, load_clip, place_call

CALL_S = 120.0
"""How long one call lasts; then the caller calls again."""
AGAIN_S = 1.0


@dataclass(frozen=True)
class Plan:
    """What one process does. first: the number of its first caller, which seeds what they say. starts_s: when each
    begins, on the machine's monotonic clock; until_s: when all hang up."""

    server_url: str
    door: str
    line: str
    twilio_auth_token: str
    clips: Sequence[str]
    first: int
    seed: int
    starts_s: Sequence[float]
    until_s: float

    @staticmethod
    def from_json(text: str) -> Plan:
        return Plan(**json.loads(text))


@dataclass(frozen=True)
class Placed:
    """One call. began_s: on the machine's monotonic clock. refused: why it was, '' when it was answered."""

    caller: int
    began_s: float
    refused: str
    result: Mapping[str, Any] | None


async def carry_out(plan: Plan) -> list[Placed]:
    """All calls of all callers of a plan."""
    clips = [load_clip(Path(name)) for name in plan.clips]
    callers = (_caller(plan, clips, plan.first + index, starts_s) for index, starts_s in enumerate(plan.starts_s))
    return [placed for calls in await asyncio.gather(*callers) for placed in calls]


async def _caller(plan: Plan, clips: Sequence[Clip], number: int, starts_s: float) -> list[Placed]:
    placed: list[Placed] = []
    await asyncio.sleep(max(0.0, starts_s - time.monotonic()))
    while (left_s := plan.until_s - time.monotonic()) > AGAIN_S:
        began_s = time.monotonic()
        chat = Chat(clips, plan.seed * 1000 + number * 100 + len(placed), min(left_s, CALL_S) * 1000, MOST_TURNS)
        try:
            result = await place_call(
                plan.server_url,
                door=plan.door,
                line=plan.line,
                script=Script((chat,), max_ms=round(CALL_S * 3000)),
                twilio_auth_token=plan.twilio_auth_token,
                caller=f"+3900000{number:05d}",
            )
        except CallRefused as refused:
            placed.append(Placed(number, began_s, str(refused), None))
        else:
            placed.append(Placed(number, began_s, "", _kept(result)))
        await asyncio.sleep(AGAIN_S)
    return placed


def _kept(result: CallResult) -> dict[str, Any]:
    names = ("turns", "outcome", "outcome_why", "protocol_errors", "stutters", "duration_ms", "own_frames")
    return {name: value for name, value in asdict(result).items() if name in names}


def main() -> int:
    print("ready", flush=True)
    plan = Plan.from_json(sys.stdin.read())
    gc.freeze()
    placed = asyncio.run(carry_out(plan))
    print(json.dumps([asdict(call) for call in placed]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
