"""What a run of the calls bench showed, and whether it may be believed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from centralino.bench.answering_company import NO_INPUT_MS

MOST_LATE_MS = 20.0
"""p99 of the load generator's own frames: one frame. A later one did not bring a real caller's load."""
FEWEST_TURNS = 10
P50_MS, P95_MS = 350.0, 700.0
"""What a caller takes for a quick answer."""


@dataclass(frozen=True)
class Spread:
    """Of a list of measurements; zeros for none."""

    p50: float
    p95: float
    p99: float
    worst: float

    @staticmethod
    def of(values: Sequence[float]) -> Spread:
        ranked = sorted(values) or [0.0]
        p50, p95, p99 = (ranked[min(len(ranked) - 1, int(len(ranked) * part))] for part in (0.5, 0.95, 0.99))
        return Spread(round(p50, 1), round(p95, 1), round(p99, 1), round(ranked[-1], 1))


@dataclass(frozen=True)
class Costs:
    """What the server's processes used while the calls ran. *_cores: processors kept busy on average; idle_*: before
    the first call; others_cores: by programs that are no part of the bench."""

    server_cores: float
    recognizer_cores: float
    speech_cores: float
    generator_cores: float
    others_cores: float
    idle_pss_mb: float
    peak_pss_mb: float
    peak_rss_mb: float


@dataclass(frozen=True)
class CallsFigures:
    """turn_ms: from the caller's last voiced sample sent until the bot's first one arrived. barge_in_ms: from the first
    voiced sample of an interruption until the bot was silent. unanswered: turns after which the bot said nothing, or
    only after its no-input time. late_sound: moments in which the bot's sound came too late and a gap was heard.
    recognizer_ms: age of the oldest request that a recognizer owed, once a second. generator_late_ms: p99 of the
    callers' own frames, of the worst call."""

    calls: int
    line: str
    door: str
    engine: str
    minutes: float
    cores: int
    placed: int
    refused: int
    broken: int
    turns: int
    unanswered: int
    cut_off: int
    speaking_share: float
    late_sound: int
    generator_late_ms: float
    turn_ms: Spread
    barge_in_ms: Spread
    recognizer_ms: Spread
    loop_p99_ms: float
    loop_worst_ms: float
    costs: Costs
    troubles: tuple[str, ...] = field(default=())

    @property
    def cores_per_call(self) -> float:
        """Of server, recognizers and speech together."""
        costs = self.costs
        return round((costs.server_cores + costs.recognizer_cores + costs.speech_cores) / self.calls, 3)

    @property
    def mb_per_call(self) -> float:
        return round((self.costs.peak_pss_mb - self.costs.idle_pss_mb) / self.calls, 1)

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why the run does not count; nothing: it does."""
        doubts = []
        if self.generator_late_ms > MOST_LATE_MS:
            doubts.append(
                f"the callers' own frames were {self.generator_late_ms:g} ms late (p99): "
                f"the machine is too small or too busy to measure {self.calls} calls"
            )
        if self.turns < FEWEST_TURNS:
            doubts.append(f"only {self.turns} turns: give it more minutes")
        if self.refused:
            doubts.append(f"{self.refused} calls were refused: fewer than {self.calls} were measured")
        return tuple(doubts)

    @property
    def shortcomings(self) -> tuple[str, ...]:
        """What callers would have suffered from."""
        found = []
        if self.turn_ms.p50 > P50_MS or self.turn_ms.p95 > P95_MS:
            found.append(
                f"turn latency p50 {self.turn_ms.p50:.0f}, p95 {self.turn_ms.p95:.0f} ms "
                f"(wanted: {P50_MS:.0f}, {P95_MS:.0f})"
            )
        if self.broken:
            found.append(f"{self.broken} calls did not come to their end")
        if self.turns and self.unanswered / self.turns > 0.02:
            found.append(f"{self.unanswered} of {self.turns} turns were not answered")
        if self.late_sound:
            found.append(f"{self.late_sound} gaps in the bot's speech")
        return tuple(found)

    @property
    def good(self) -> bool:
        return not self.doubts and not self.shortcomings

    def to_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "cores_per_call": self.cores_per_call,
            "mb_per_call": self.mb_per_call,
            "good": self.good,
            "doubts": list(self.doubts),
            "shortcomings": list(self.shortcomings),
        }


@dataclass(frozen=True)
class Observed:
    """What the callers saw, all calls together."""

    placed: int
    refused: int
    broken: int
    turns: int
    unanswered: int
    cut_off: int
    speaking_share: float
    late_sound: int
    generator_late_ms: float
    turn_ms: Spread
    barge_in_ms: Spread
    troubles: tuple[str, ...]


def observed(placed: Sequence[Mapping[str, Any]]) -> Observed:
    """Sum up the calls of `callers.carry_out` (as JSON)."""
    results = [call["result"] for call in placed if call["result"]]
    turns = [turn for result in results for turn in result["turns"]]
    answered = [
        turn["arrived_ms"] for turn in turns if turn["arrived_ms"] is not None and turn["arrived_ms"] < NO_INPUT_MS
    ]
    refused = [call["refused"] for call in placed if call["refused"]]
    broken = [result["outcome_why"] for result in results if result["outcome"] in ("lost", "script_failed")]
    faults = [fault for result in results for fault in result["protocol_errors"]]
    spoken_ms = sum(turn["last_voiced_ms"] - turn["began_ms"] for turn in turns)
    call_ms = sum(result["duration_ms"] for result in results)
    return Observed(
        placed=len(placed),
        refused=len(refused),
        broken=len(broken),
        turns=len(turns),
        unanswered=len(turns) - len(answered),
        cut_off=sum(turn["cut_off"] for turn in turns),
        speaking_share=round(spoken_ms / call_ms, 3) if call_ms else 0.0,
        late_sound=sum(result["stutters"] for result in results),
        generator_late_ms=max((result["own_frames"]["late_ms_p99"] for result in results), default=0.0),
        turn_ms=Spread.of(answered),
        barge_in_ms=Spread.of([turn["barge_in_ms"] for turn in turns if turn["barge_in_ms"] is not None]),
        troubles=tuple(dict.fromkeys([*refused, *broken, *faults]))[:5],
    )
